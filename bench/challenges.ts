/**
 * Gas of challenges, from transactions that ran: `node bench/challenges.ts` prints them. Each voids a proposal of a real
 * federation, slashes its proposer and rewards a challenger that had announced it and was never paid before, and nothing
 * waits to be burned: every slot that may have to be filled is empty. Of large rounds and models only the path of the
 * proof exists; its other nodes are random.
 */
import { fileURLToPath } from 'node:url';
import { modelToBytes } from '../client/core/codec.ts';
import { concatBytes, type Hash, keccak256, toHex } from '../client/core/hash.ts';
import { domain, hashInDomain, rootFromProof } from '../client/core/merkle.ts';
import {
  chunkCoordinates,
  chunkCount,
  groupSize,
  modelChunkBytes,
  treeDepth,
  updateChunkBytes,
} from '../client/core/numbers.ts';
import { createRandom } from '../client/core/random.ts';
import { type SumNode, sumRootFromProof } from '../client/core/sumTree.ts';
import { cases, encodeCase } from '../test/contracts/challenges/cases.ts';
import { type Deployment, type Founded, found } from '../test/contracts/deployment.ts';
import { sumNode } from '../test/contracts/evidence.ts';
import { announce, type ProposalStruct, send } from '../test/contracts/faults.ts';
import { playRound, proposalFor, proposeAs, turnHolderOf } from '../test/contracts/round.ts';

const rules = { mean: 0, median: 1, trimmedMean: 2 };
type RuleName = keyof typeof rules;

export interface Size {
  rule: RuleName;
  updates: number;
  parameters: number;
  /** Rounds that stand on the wrong one; none unless given. */
  later?: number;
}

const random = createRandom('challenges');
export const randomBytes = (length: number) => Uint8Array.from({ length }, () => 1 + random.below(255));
export const randomPath = (length: number): Hash[] => Array.from({ length }, () => randomBytes(32));
export const randomSums = (length: number): SumNode[] =>
  Array.from({ length }, () => ({ hash: randomBytes(32), sum: random.below(2 ** 26) }));
const hex = (path: readonly Hash[]) => path.map(toHex);

/** A running state like those of a round: sums of 16-bit values and weights, no byte of which is zero by chance. */
function randomState({ rule }: Size): Uint8Array {
  const state = randomBytes(rule === 'mean' ? 512 : 1024);
  if (rule === 'mean') for (let lane = 0; lane < 512; lane += 8) state.set([0, 0], lane);
  return state;
}

export const groupsOf = ({ updates }: Size) => Math.ceil(updates / groupSize);

/** What a challenge shows, and the roots that it is shown against. */
interface Evidence {
  method: 'refuteColumnState' | 'refuteModelChunk' | 'refuteColumnEntry' | 'refuteCuts';
  roots: Partial<ProposalStruct>;
  args: unknown[];
}

/** A leaf of the columns with the way to their root. */
function column(
  size: Size,
  group: number,
  groupHash: Hash,
  state: Uint8Array,
  sibling?: { height: number; node: Hash },
) {
  const groupDepth = treeDepth(groupsOf(size));
  const chunk = chunkCount(size.parameters) - 2;
  const path = randomPath(treeDepth(chunkCount(size.parameters)) + groupDepth);
  if (sibling !== undefined) path[sibling.height] = sibling.node;
  const leaf = hashInDomain(domain.columnLeaf, groupHash, state);
  const columnsRoot = toHex(rootFromProof(leaf, chunk * 2 ** groupDepth + group, path));
  return { columnsRoot, column: { chunk, group, groupHash: toHex(groupHash), state: toHex(state), path: hex(path) } };
}

/** A state that does not follow, in the group whose leaf is farthest from the one before. */
function columnState(size: Size): Evidence {
  const group = groupsOf(size) === 1 ? 0 : 2 ** (treeDepth(groupsOf(size)) - 1);
  const meeting = group === 0 ? 0 : Math.log2(group);
  const members = Math.min(groupSize, size.updates - group * groupSize);
  const chunks = randomBytes(members * updateChunkBytes);
  const hashes = Array.from({ length: members }, (_, i) =>
    hashInDomain(domain.updateLeaf, chunks.subarray(i * updateChunkBytes, (i + 1) * updateChunkBytes)),
  );
  const previous = { hash: randomBytes(32), state: randomState(size), path: randomPath(meeting) };
  const previousLeaf = hashInDomain(domain.columnLeaf, previous.hash, previous.state);
  const node = rootFromProof(previousLeaf, group === 0 ? 0 : (group - 1) % 2 ** meeting, previous.path);
  const sibling = group === 0 ? undefined : { height: meeting, node };
  const shown = column(size, group, keccak256(concatBytes(...hashes)), randomState(size), sibling);
  const weights = randomBytes(32);
  const entriesRoot = randomBytes(32);
  const leaf = { hash: hashInDomain(domain.inputsLeaf, weights, entriesRoot), sum: sumOfWeights(weights) };
  const groupPath = randomSums(treeDepth(groupsOf(size)));
  return {
    method: 'refuteColumnState',
    roots: { columnsRoot: shown.columnsRoot, inputsRoot: toHex(sumRootFromProof(leaf, group, groupPath).hash) },
    args: [
      shown.column,
      {
        chunks: toHex(chunks),
        weights: BigInt(toHex(weights)),
        entriesRoot: toHex(entriesRoot),
        groupPath: size.rule === 'mean' ? groupPath.map(sumNode) : [],
        previousGroupHash: toHex(group === 0 ? new Uint8Array(32) : previous.hash),
        previousState: group === 0 ? '0x' : toHex(previous.state),
        previousPath: hex(previous.path),
      },
    ],
  };
}

/** A chunk of the model that does not follow from the last state of its column. */
function modelChunk(size: Size): Evidence {
  const state = randomState(size);
  // no trimmed sum is negative
  if (size.rule !== 'mean') for (let c = 0; c < 256; c += 2) state[c] = 0x80;
  const shown = column(size, groupsOf(size) - 1, randomBytes(32), state);
  const { chunk } = shown.column;
  const depth = treeDepth(chunkCount(size.parameters));
  const base = modelToBytes(Int32Array.from({ length: chunkCoordinates }, () => random.uint32() | 0));
  const [basePath, path, leaf] = [randomPath(depth), randomPath(depth), randomBytes(32)];
  const baseLeaf = hashInDomain(domain.modelLeaf, base.subarray(0, modelChunkBytes));
  return {
    method: 'refuteModelChunk',
    roots: {
      columnsRoot: shown.columnsRoot,
      baseModelRoot: toHex(rootFromProof(baseLeaf, chunk, basePath)),
      modelRoot: toHex(rootFromProof(leaf, chunk, path)),
    },
    args: [
      { chunk, baseChunk: toHex(base), basePath: hex(basePath), leaf: toHex(leaf), path: hex(path) },
      shown.column,
    ],
  };
}

/** A leaf hash of the column that is not that of the trainer's chunk. */
function columnEntry(size: Size): Evidence {
  const hashes = randomPath(Math.min(groupSize, size.updates));
  const shown = column(size, 0, keccak256(concatBytes(...hashes)), randomState(size));
  const { chunk } = shown.column;
  const leaf = { hash: randomBytes(32), sum: random.below(2 ** 30) };
  const path = randomSums(treeDepth(chunkCount(size.parameters)));
  const updateRoot = sumRootFromProof(leaf, chunk, path).hash;
  const trainer = randomBytes(20);
  const [weights, entryPath] = [randomBytes(32), randomPath(4)];
  const entry = rootFromProof(hashInDomain(domain.inputsEntry, trainer, updateRoot), 3, entryPath);
  const group = { hash: hashInDomain(domain.inputsLeaf, weights, entry), sum: sumOfWeights(weights) };
  const groupPath = randomSums(treeDepth(groupsOf(size)));
  return {
    method: 'refuteColumnEntry',
    roots: { columnsRoot: shown.columnsRoot, inputsRoot: toHex(sumRootFromProof(group, 0, groupPath).hash) },
    args: [
      shown.column,
      hex(hashes),
      {
        index: 3,
        trainer: toHex(trainer),
        updateRoot: toHex(updateRoot),
        weights: BigInt(toHex(weights)),
        entryPath: hex(entryPath),
        groupPath: groupPath.map(sumNode),
      },
      { leaf: sumNode(leaf), path: path.map(sumNode) },
    ],
  };
}

function cuts(size: Size): Evidence {
  const shown = column(size, groupsOf(size) - 1, randomBytes(32), randomState(size));
  return { method: 'refuteCuts', roots: { columnsRoot: shown.columnsRoot }, args: [shown.column] };
}

export function sumOfWeights(weights: Uint8Array): number {
  return weights.reduce((sum, byte, i) => sum + (i % 2 === 0 ? 256 * byte : byte), 0);
}

/** Where the federation keeps the clock of its open round, and in it the trainers that the round waits for. */
const [clockSlot, expectedBits] = [0, 64n];

/** A federation whose open round waits for as many updates as the size says, of trainers that have not joined. */
export async function crowdedFederation(size: Size, genesisModelRoot?: string): Promise<Founded> {
  const founded = await found(2, 3, {
    task: {
      dimension: BigInt(size.parameters),
      ringSize: 8,
      ...(genesisModelRoot === undefined ? {} : { genesisModelRoot }),
    },
    parameters: { rule: rules[size.rule], trimBasisPoints: size.rule === 'trimmedMean' ? 2000 : 0 },
  });
  const { federation, networkHelpers, ethers } = founded;
  const address = await federation.getAddress();
  const clock = BigInt(await ethers.provider.getStorage(address, clockSlot));
  const joined = (await federation.clock()).expectedTrainers;
  await networkHelpers.setStorageAt(address, clockSlot, clock + ((BigInt(size.updates) - joined) << expectedBits));
  if ((await federation.clock()).expectedTrainers !== BigInt(size.updates)) throw new Error('the clock is elsewhere');
  return founded;
}

/** Announces the challenge, brings it, and answers what it cost; the announcement is not in it. */
async function gasOfChallenge(deployment: Deployment, contract: keyof Deployment['challenges'], data: string) {
  const { challenges, federation, stake, accounts } = deployment;
  const challenger = accounts.at(-1)!;
  await announce(challenges[contract], federation, 1, challenger, data);
  const receipt = await (await send(challenges[contract], challenger, data)).wait();
  if ((await stake.owedWei(challenger.address)) === 0n) throw new Error('the challenger earned nothing');
  return Number(receipt!.gasUsed);
}

async function measure(size: Size, build: (size: Size) => Evidence): Promise<number> {
  const { method, roots, args } = build(size);
  const founded = await crowdedFederation(size, roots.baseModelRoot as string | undefined);
  const { federation, aggregators, challenges } = founded;
  const proposal = { ...(await proposalFor(federation, size.updates)), ...roots };
  await proposeAs(federation, await turnHolderOf(federation, aggregators), proposal, aggregators);
  for (let later = 0; later < (size.later ?? 0); later++) {
    await playRound(federation, founded.trainers, founded.aggregators);
  }
  const data = challenges.aggregate.interface.encodeFunctionData(
    method as never,
    [await federation.getAddress(), proposal, ...args] as never,
  );
  return await gasOfChallenge(founded, 'aggregate', data);
}

interface Row extends Size {
  gas: Record<Evidence['method'], number>;
}

const builders = { refuteColumnState: columnState, refuteModelChunk: modelChunk, refuteColumnEntry: columnEntry };

async function measureRow(size: Size): Promise<Row> {
  const gas: Partial<Row['gas']> = {};
  const applicable = size.rule === 'mean' ? builders : { ...builders, refuteCuts: cuts };
  for (const build of Object.values(applicable)) gas[build(size).method] = await measure(size, build);
  return { ...size, gas: gas as Row['gas'] };
}

const sizes: readonly Size[] = [
  ...[10, 100, 1_000, 10_000].map((updates) => ({ rule: 'mean' as const, updates })),
  ...[100, 10_000].flatMap((updates) => [
    { rule: 'median' as const, updates },
    { rule: 'trimmedMean' as const, updates },
  ]),
].flatMap((size) => [10_000, 100_000_000].map((parameters) => ({ ...size, parameters })));
/** As many as the ring of 8 holds. */
const fullRing: Size = { rule: 'mean', updates: 10_000, parameters: 100_000_000, later: 5 };

/** The dearest proof by rule and updates, of the largest model, and every challenge once in a small round. */
export async function measureChallenges(): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  for (const size of sizes.filter(({ parameters }) => parameters > 10_000)) {
    const row = await measureRow(size);
    gas[`challenge.${size.rule}.${size.updates}`] = Math.max(...Object.values(row.gas));
  }
  gas['challenge.mean.10000.fullRing'] = Math.max(...Object.values((await measureRow(fullRing)).gas));
  for (const one of cases) {
    const fault = await one.fault();
    gas[`challenge.${one.method}`] = await gasOfChallenge(fault.staged, one.contract, await encodeCase(one, fault));
  }
  return gas;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows: Record<string, unknown>[] = [];
  for (const size of [...sizes, fullRing]) {
    const { gas } = await measureRow(size);
    rows.push({ ...size, ...gas });
  }
  console.table(rows);
}
