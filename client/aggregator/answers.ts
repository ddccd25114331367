/**
 * Answers to demands for openings, by whom they are of use to: a proposal that nobody opens is void. The proposer answers at
 * once, the others when it has kept silent for half of the time; each answer earns half of the demand's bond.
 */

import { contractInterface } from '../chain/artifacts.ts';
import { explainChainFailure, revertName } from '../chain/failure.ts';
import { transact } from '../chain/federation.ts';
import { type Demand, readAllDemands } from '../chain/openings.ts';
import { isProposed, type ProposedAggregate, type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import { urgently } from '../chain/sender.ts';
import type { Aggregate } from '../core/aggregate.ts';
import { keepNewestInPlace } from '../node/keepNewest.ts';
import type { Models } from '../node/models.ts';
import type { Node } from '../node/node.ts';
import { type Answer, answerDemand } from '../node/openings.ts';
import { fetchInputs, recompute } from '../node/recompute.ts';
import { createUpdates } from '../node/updates.ts';

/** Blocks that are read again, should the chain have replaced them. */
const overlapBlocks = 64;
const patienceShareOfAnswer = 0.5;
/** Results kept for further demands. */
const remembered = 2;

export function createAnswers(node: Node, models: Models): () => Promise<boolean> {
  const { federation, account, addresses, parameters, report, sender, signal } = node;
  const pending = new Map<string, Demand>();
  const unanswerable = new Set<string>();
  const results = new Map<string, Aggregate>();
  let readBlocks = 0;
  let owed = true;

  async function step(): Promise<boolean> {
    await readDemands();
    let failure: unknown;
    // one that cannot be answered now must not delay the next
    for (const demand of pending.values()) {
      await answer(demand).catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure !== undefined) throw failure;
    if (owed && pending.size === 0) await claimOwed();
    return false;
  }

  async function readDemands(): Promise<void> {
    const { number } = federation.head();
    const inFlight = proposedRounds(federation.state).filter(({ final }) => !final);
    const since = inFlight[0]?.proposed.blockNumber;
    if (since !== undefined && number > readBlocks) {
      const demands = await readAllDemands(federation, Math.max(since, readBlocks - overlapBlocks));
      for (const demand of demands) {
        if (demand.opened !== undefined || demand.closed) pending.delete(demand.id);
        else if (!unanswerable.has(demand.id)) pending.set(demand.id, demand);
      }
      readBlocks = number;
    }
    for (const { id, round, answerBy } of pending.values()) {
      owed = true;
      const stands = inFlight.some((other) => other.number === round);
      if (!stands || federation.chainTime() > answerBy) pending.delete(id);
    }
  }

  async function answer(demand: Demand): Promise<void> {
    const live = federation.state.rounds.get(demand.round);
    if (!isProposed(live) || !isDue(demand, live.proposed)) return;
    // it may be voided meanwhile
    const round = { ...live };
    const right = await resultOf(round, demand);
    const found = right === undefined ? undefined : answerDemand(right, round, demand);
    if (found === undefined) {
      report({ event: 'unanswerable', round: round.number, proposer: round.proposed.proposer, tree: demand.tree });
      unanswerable.add(demand.id);
      pending.delete(demand.id);
      return;
    }
    await send(demand, found);
  }

  function isDue({ answerBy }: Demand, { proposer }: ProposedAggregate): boolean {
    return (
      proposer === account || federation.chainTime() >= answerBy - parameters().answerSeconds * patienceShareOfAnswer
    );
  }

  async function resultOf(round: ProposedRound, { answerBy }: Demand): Promise<Aggregate | undefined> {
    const { id } = round.proposed;
    const known = results.get(id);
    if (known !== undefined) return known;
    const untilMs = Date.now() + (answerBy - federation.chainTime()) * 1000;
    const updates = createUpdates(node, round);
    await fetchInputs(round, updates, untilMs);
    const recomputed = await recompute(node, models, round, updates);
    if (recomputed === undefined) return undefined;
    const { right } = recomputed;
    results.set(id, right);
    keepNewestInPlace(results, remembered);
    return right;
  }

  async function send({ id, round, tree, height, span, bondWei }: Demand, { method, args }: Answer): Promise<void> {
    const step = `opening the ${tree} tree of round ${round}`;
    try {
      const to = addresses.challenges.Openings;
      const receipt = await transact(urgently(sender), step, to, 'Openings', method, args, signal);
      pending.delete(id);
      report({ event: 'answered', round, tree, height, span, bondWei: String(bondWei), gas: Number(receipt.gasUsed) });
    } catch (error) {
      // another was faster, or what it is about stands no longer: until its time is over it is looked at again
      if (revertName(error) === undefined) throw error;
    }
  }

  async function claimOwed(): Promise<void> {
    const openings = contractInterface('Openings');
    const to = addresses.challenges.Openings;
    const data = openings.encodeFunctionData('owedWei', [account]);
    const answer = await federation.provider.call({ to, data }).catch((cause: unknown) => {
      throw explainChainFailure(cause, 'reading what is owed');
    });
    if (BigInt(answer) > 0n) {
      await transact(sender, 'claiming what is owed for answers', to, 'Openings', 'claimOwed', [], signal);
    }
    owed = false;
  }

  return step;
}
