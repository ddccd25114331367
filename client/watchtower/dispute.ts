/**
 * The dispute of one proposal that is wrong: step by step from what its proposer shows, or must be made to show, to the cheapest proof.
 * Every step follows from the chain, so any watchtower can take over from any other.
 */
import { type Demand, readDemands } from '../chain/openings.ts';
import type { ProposedRound } from '../chain/rounds.ts';
import type { Challenge } from '../core/challenges/challenge.ts';
import { nextColumnsStep } from '../core/challenges/columns.ts';
import { openInputOf } from '../core/challenges/evidence.ts';
import { challengeInputsList, nextInputsStep } from '../core/challenges/inputs.ts';
import { challengeModel, fitsDirectly } from '../core/challenges/model.ts';
import { challengeUpdateOfInput } from '../core/challenges/trainer.ts';
import { columnsTreeView, findWrongLeaf, modelTreeView, postedTreeOf } from '../core/challenges/trees.ts';
import { equalBytes } from '../core/hash.ts';
import { hashInputs, type RoundInput } from '../core/inputs.ts';
import type { MerkleTree } from '../core/merkle.ts';
import { sumTreeRoot } from '../core/sumTree.ts';
import { bringChallenge, type Disputed } from '../participant/disputes/challenges.ts';
import { demandOpening, forfeit, type Wanted } from '../participant/disputes/demands.ts';
import type { Participant } from '../participant/participant.ts';
import { type Recomputed, rightInputs } from '../participant/rounds/recompute.ts';
import type { Updates } from '../participant/rounds/updates.ts';
import { factsOf, submissionEvidence } from './evidence.ts';
import { openedColumns, openedInputs, openedModel } from './opened.ts';
import { publishedInputs, publishedModel } from './published.ts';

export interface Dispute {
  /** Does what can be done now. Errors: those of `bringChallenge`. */
  advance(): Promise<void>;
}

type Step = { challenge: Challenge } | { wanted: Wanted };

/** `recomputed` is undefined where an update that the proposal takes in is false. */
export async function createDispute(
  node: Participant,
  round: ProposedRound,
  updates: Updates,
  recomputed: Recomputed | undefined,
): Promise<Dispute> {
  const { federation, task } = node;
  const { proposal, blockNumber } = round.proposed;
  const disputed: Disputed = { round: round.number, proposed: round.proposed, fromBlock: blockNumber };
  const inputs = await rightInputs(node, round, updates);
  const facts = factsOf(node, round, inputs, await node.reputations(proposal.reputations));
  let list: Promise<readonly RoundInput[] | undefined> | undefined;
  let model: Promise<MerkleTree | undefined> | undefined;
  let over = false;

  async function advance(): Promise<void> {
    if (over) return;
    const demands = await readDemands(federation, round.number, blockNumber);
    const pending = demands.filter(({ opened, closed }) => opened === undefined && !closed);
    const overdue = pending.find(({ answerBy }) => federation.chainTime() > answerBy);
    if (overdue !== undefined) over = await forfeit(node, proposal, overdue);
    else {
      const step = await nextStep(demands);
      if (step === undefined) giveUp();
      else await take(step, pending);
    }
    await federation.sync();
  }

  /** The proposal takes in an update that its trainer did not commit to, and nobody can prove which. */
  function giveUp(): void {
    over = true;
    const reason =
      'an update that it takes in is not the one that its trainer committed to, and nothing on chain shows which';
    node.report({ event: 'unproven', round: round.number, proposer: round.proposed.proposer, reason });
  }

  async function take(step: Step, pending: readonly Demand[]): Promise<void> {
    if ('wanted' in step && pending.some((demand) => isFor(demand, step.wanted))) return;
    const outcome =
      'wanted' in step
        ? await demandOpening(node, disputed, proposal, step.wanted)
        : await bringChallenge(node, step.challenge, disputed);
    over = outcome === 'overtaken' || ('challenge' in step && outcome !== 'waiting');
  }

  async function nextStep(demands: readonly Demand[]): Promise<Step | undefined> {
    const wrongInputs = await inputsStep(demands);
    if (wrongInputs !== undefined) return wrongInputs;
    if (recomputed === undefined) return falseInputStep();
    return (await modelStep(recomputed, demands)) ?? columnsStep(recomputed, demands);
  }

  async function inputsStep(demands: readonly Demand[]): Promise<Step | undefined> {
    const right = sumTreeRoot(hashInputs(inputs));
    const agree = equalBytes(proposal.inputsRoot, right.hash) && proposal.totalWeight === right.sum;
    if (agree && proposal.inputCount === inputs.length) return undefined;
    list ??= publishedInputs(node, round);
    const challenge = challengeInputsList((await list) ?? [], proposal, facts);
    if (challenge !== undefined) return { challenge };
    const step = nextInputsStep(inputs, openedInputs(proposal, demands), proposal, facts);
    if (step === undefined || 'challenge' in step) return step;
    return { wanted: { tree: 'inputs', ...step.open } };
  }

  /** The inputs are the right ones, and one of them is false. */
  function falseInputStep(): Step | undefined {
    for (const [trainer, bytes] of updates.rejected) {
      const index = inputs.findIndex((input) => input.trainer === trainer);
      if (index < 0) continue;
      const opening = openInputOf({ inputs, tree: hashInputs(inputs) }, index);
      const evidence = submissionEvidence(round, round.submissions.get(trainer)!);
      const challenge = challengeUpdateOfInput(bytes, task.dimension, evidence, opening);
      if (challenge !== undefined) return { challenge };
    }
    return undefined;
  }

  async function modelStep({ right, base }: Recomputed, demands: readonly Demand[]): Promise<Step | undefined> {
    const { columnsRoot, modelRoot } = right.commitment;
    if (equalBytes(proposal.modelRoot, modelRoot)) return undefined;
    // where the columns are wrong too, and there are too many updates to do without them, they are refuted
    if (!equalBytes(proposal.columnsRoot, columnsRoot) && !fitsDirectly(right)) return undefined;
    model ??= publishedModel(node, round);
    const published = await model;
    const posted =
      published === undefined
        ? openedModel(proposal.modelRoot, right.modelTree.depth, demands)
        : postedTreeOf(modelTreeView(published));
    const found = findWrongLeaf(modelTreeView(right.modelTree), posted);
    if (found !== undefined && 'open' in found) return { wanted: { tree: 'model', ...found.open } };
    const challenge = found === undefined ? undefined : challengeModel(proposal, right, base, found.leaf);
    return challenge === undefined ? undefined : { challenge };
  }

  function columnsStep({ right }: Recomputed, demands: readonly Demand[]): Step | undefined {
    const { depth } = columnsTreeView(right);
    const step = nextColumnsStep(right, openedColumns(proposal.columnsRoot, depth, demands));
    if (step === undefined || 'challenge' in step) return step;
    return { wanted: { tree: 'columns', ...step.open } };
  }

  return { advance };
}

function isFor(demand: Demand, { tree, height, index, span }: Wanted): boolean {
  return demand.tree === tree && demand.height === height && demand.index === index && demand.span === span;
}
