/** Follows a wrong proposal to what voids it, as a watchtower does: proofs where something is shown, demands where it is not. */
import type { Aggregate } from '../../../client/core/aggregate.ts';
import type { Challenge, RoundFacts, Step } from '../../../client/core/challenges/challenge.ts';
import {
  type ColumnLeafOpening,
  nextColumnsStep,
  type OpenedColumns,
} from '../../../client/core/challenges/columns.ts';
import { emptyInput, hexHashes, sumNodeArgument } from '../../../client/core/challenges/evidence.ts';
import {
  challengeInputsList,
  nextInputsStep,
  type OpenedInputs,
  openedGroup,
  postedInputsTree,
} from '../../../client/core/challenges/inputs.ts';
import { challengeModel, fitsDirectly } from '../../../client/core/challenges/model.ts';
import type { UnopenedSum } from '../../../client/core/challenges/sums.ts';
import {
  findWrongLeaf,
  modelTreeView,
  PostedTree,
  postedTreeOf,
  type Unopened,
} from '../../../client/core/challenges/trees.ts';
import { equalBytes, type Hash, toHex } from '../../../client/core/hash.ts';
import { groupInputs, groupWeights, hashInputs, type RoundInput } from '../../../client/core/inputs.ts';
import { buildMerkleTree, domain, hashLeaves, merkleRoot } from '../../../client/core/merkle.ts';
import { chunkCount, groupSize, modelChunkBytes, treeDepth } from '../../../client/core/numbers.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import { type DemandStruct, demandOf } from '../demands.ts';
import { parameters } from '../deployment.ts';
import type { ChallengeContract, ProposalStruct } from '../faults.ts';
import type { Staged } from '../stagedRound.ts';
import type { Posted } from './posted.ts';

/** A proposal on chain, and what it should be. */
export interface Scene {
  staged: Staged;
  right: Aggregate;
  facts: RoundFacts;
  proposal: ProposalStruct;
  posted: Posted;
}

/** What the watcher knows of the posted trees. */
interface Known {
  inputs: OpenedInputs & { groups: Map<number, readonly RoundInput[]> };
  model: PostedTree;
  columns: OpenedColumns & { leaves: Map<number, ColumnLeafOpening> };
}

type Wanted = ({ tree: 'model' | 'columns' } & Unopened) | ({ tree: 'inputs' } & UnopenedSum);

/** More demands than any way to a fault takes. */
const mostDemands = 8;

/**
 * What voids the proposal: the function that proves it, or 'forfeit' where a demand cannot be answered; undefined where nothing does.
 * Every call is made on chain. `published`: the list of inputs and the model are served, where there are such.
 */
export async function pursue(scene: Scene, published: boolean): Promise<string | undefined> {
  const end = await follow(scene, published);
  if (end === undefined) return undefined;
  return 'challenge' in end ? await bring(scene, end.challenge) : await forfeit(scene, end.unanswered);
}

/** The proof that the way through what is shown leads to, or the demand on it that nobody answers. */
export async function follow(
  scene: Scene,
  published: boolean,
): Promise<{ challenge: Challenge } | { unanswered: DemandStruct } | undefined> {
  const known = knownOf(scene, published);
  const list = published ? challengeInputsList(scene.posted.list, scene.posted.terms, scene.facts) : undefined;
  if (list !== undefined) return { challenge: list };
  for (let demands = 0; demands < mostDemands; demands++) {
    const step = nextStep(scene, known);
    if (step === undefined || 'challenge' in step) return step;
    const demand = await demandOpening(scene, step.open);
    if (!(await answer(scene, step.open, demand, known))) return { unanswered: demand };
  }
  throw new Error('the fault is not reached');
}

function nextStep({ right, facts, posted, staged }: Scene, known: Known): Step<Wanted> | undefined {
  const { terms } = posted;
  const inputs = nextInputsStep(right.inputsTree.inputs, known.inputs, terms, facts);
  if (inputs !== undefined) return 'open' in inputs ? { open: { tree: 'inputs', ...inputs.open } } : inputs;
  const sameColumns = equalBytes(terms.columnsRoot, right.commitment.columnsRoot);
  const model =
    sameColumns || fitsDirectly(right) ? findWrongLeaf(modelTreeView(right.modelTree), known.model) : undefined;
  if (model !== undefined && 'open' in model) return { open: { tree: 'model', ...model.open } };
  if (model !== undefined) return { challenge: challengeModel(terms, right, staged.base, model.leaf)! };
  const columns = nextColumnsStep(right, known.columns);
  return columns !== undefined && 'open' in columns ? { open: { tree: 'columns', ...columns.open } } : columns;
}

function knownOf({ posted, right }: Scene, published: boolean): Known {
  const { terms, modelBytes } = posted;
  const depth = treeDepth(chunkCount(right.model.length));
  const groupDepth = treeDepth(Math.ceil(terms.inputCount / groupSize));
  const served = buildMerkleTree(hashLeaves(domain.modelLeaf, modelBytes, modelChunkBytes));
  const isServed = published && equalBytes(merkleRoot(served), terms.modelRoot);
  return {
    inputs: { tree: postedInputsTree(terms), groups: new Map() },
    model: isServed ? postedTreeOf(modelTreeView(served)) : new PostedTree(terms.modelRoot, depth),
    columns: { tree: new PostedTree(terms.columnsRoot, depth + groupDepth), leaves: new Map() },
  };
}

/** The challenge holds on chain. Errors: its revert. */
async function bring({ staged, proposal }: Scene, challenge: Challenge): Promise<string> {
  await staged.stranger.call(await transactionOf(staged, challenge, proposal));
  return challenge.method;
}

/** The call that brings a challenge; `proposal` is what it is against, if it is against one. */
export async function transactionOf(
  staged: Staged,
  { contract, method, against, args }: Challenge,
  proposal?: ProposalStruct,
): Promise<{ to: string; data: string }> {
  const contracts: Record<Challenge['contract'], ChallengeContract> = {
    AggregateChallenges: staged.challenges.aggregate,
    InputChallenges: staged.challenges.inputs,
    TrainerChallenges: staged.challenges.trainers,
  };
  const federation = await staged.federation.getAddress();
  const all = against === 'proposal' ? [federation, proposal, ...args] : [federation, ...args];
  const data = contracts[contract].interface.encodeFunctionData(method as never, all as never);
  return { to: await contracts[contract].getAddress(), data };
}

async function demandOpening({ staged, proposal }: Scene, wanted: Wanted): Promise<DemandStruct> {
  const { federation, stranger } = staged;
  const openings = staged.challenges.openings.connect(stranger);
  const { height, span, index } = wanted;
  const value = parameters.demandBondWei * BigInt(span === 0 ? 32 : 2 ** span);
  if (wanted.tree === 'inputs') {
    const [node, path] = [sumNodeArgument(wanted.node), wanted.path.map(sumNodeArgument)];
    return await demandOf(
      staged,
      await openings.demandInputs(federation, proposal, height, span, index, node, path, { value }),
    );
  }
  const [tree, node, path] = [wanted.tree === 'model' ? 0 : 1, toHex(wanted.node), hexHashes(wanted.path)];
  return await demandOf(
    staged,
    await openings.demandHashes(federation, proposal, tree, height, span, index, node, path, { value }),
  );
}

/** The cheat answers where it can, and the watcher learns from it. */
async function answer(scene: Scene, wanted: Wanted, demand: DemandStruct, known: Known): Promise<boolean> {
  const { proposal, posted, staged } = scene;
  const { openings } = staged.challenges;
  const { span, height, index } = wanted;
  if (span === 0) {
    const answerLeaf = wanted.tree === 'inputs' ? answerGroup : answerColumnLeaf;
    return await answerLeaf(scene, wanted.tree === 'inputs' ? wanted.node.hash : wanted.node, index, demand, known);
  }
  if (wanted.tree === 'inputs') {
    const nodes = posted.inputs.open(wanted.node.hash, span);
    if (nodes === undefined) return false;
    const taken = await isTaken(openings.openSums(demand, proposal, nodes.map(sumNodeArgument)));
    if (taken) known.inputs.tree.learn(height, index, span, nodes);
    return taken;
  }
  const nodes = posted[wanted.tree].open(wanted.node, span);
  if (nodes === undefined) return false;
  await openings.openHashes(demand, proposal, hexHashes(nodes));
  const tree = wanted.tree === 'model' ? known.model : known.columns.tree;
  tree.learn(height, index, span, nodes);
  return true;
}

async function answerGroup(
  { staged, proposal, posted }: Scene,
  hash: Hash,
  index: number,
  demand: DemandStruct,
  known: Known,
) {
  const group = groupInputs(posted.list).find((entries) => equalBytes(sumTreeRoot(hashInputs(entries)).hash, hash));
  if (group === undefined) return false;
  const entries = Array.from({ length: groupSize }, (_, place) => group[place] ?? emptyInput);
  const [trainers, roots] = [entries.map(({ trainer }) => trainer), entries.map(({ updateRoot }) => toHex(updateRoot))];
  const weights = groupWeights(group);
  const taken = await isTaken(
    staged.challenges.openings.openInputsGroup(demand, proposal, toHex(weights), trainers, roots),
  );
  if (taken) known.inputs.groups.set(index, openedGroup(weights, entries));
  return taken;
}

async function answerColumnLeaf(
  { staged, proposal, posted }: Scene,
  hash: Hash,
  index: number,
  demand: DemandStruct,
  known: Known,
) {
  const opening = posted.columnLeaves.find((leaf) => equalBytes(leaf.hash, hash))?.leaf;
  if (opening === undefined) return false;
  const { leafHashes, state } = opening;
  const { openings } = staged.challenges;
  const taken = await isTaken(openings.openColumnLeaf(demand, proposal, hexHashes(leafHashes), toHex(state)));
  if (taken) known.columns.leaves.set(index, opening);
  return taken;
}

/** False where the contract refuses it. */
async function isTaken(sent: Promise<unknown>): Promise<boolean> {
  return await sent.then(
    () => true,
    () => false,
  );
}

/** Nobody has answered in time. */
async function forfeit({ staged, proposal }: Scene, demand: DemandStruct): Promise<string> {
  const { challenges, networkHelpers, stranger } = staged;
  await networkHelpers.time.increaseTo(demand.answerBy + 1n);
  await challenges.openings.connect(stranger).forfeit.staticCall(demand, proposal);
  return 'forfeit';
}
