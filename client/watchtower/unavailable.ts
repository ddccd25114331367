/**
 * A proposal takes in an update that nobody serves. That a majority attests it is no proof that it is there: its chunks are demanded on
 * chain, one demand after the other, until it is whole, or nobody answers and the proposal is void.
 */
import { type Demand, readDemands } from '../chain/openings.ts';
import type { ProposedRound, Submission } from '../chain/rounds.ts';
import { examineEntries, type KnownInputs } from '../core/challenges/entries.ts';
import { openInput } from '../core/challenges/evidence.ts';
import type { OpenedInputs } from '../core/challenges/inputs.ts';
import { siblingAbove, spanOf } from '../core/challenges/trees.ts';
import { concatBytes, equalBytes, keccak256, toHex } from '../core/hash.ts';
import { compareAddresses, groupInputs, hashInputs, type RoundInput } from '../core/inputs.ts';
import { chunkCount, groupSize } from '../core/numbers.ts';
import { proveNode, type SumNode, sumTreeRoot } from '../core/sumTree.ts';
import { bringChallenge, type Disputed } from '../participant/disputes/challenges.ts';
import { demandOpening, forfeit, type Wanted } from '../participant/disputes/demands.ts';
import { keepNewestInPlace } from '../participant/keepNewest.ts';
import type { Participant } from '../participant/participant.ts';
import { includedSubmissions } from '../participant/rounds/recompute.ts';
import type { Updates } from '../participant/rounds/updates.ts';
import { factsOf } from './evidence.ts';
import { openedInputs } from './opened.ts';
import { publishedInputs } from './published.ts';

const rememberedLists = 4;
/** Levels of the inputs' tree that one demand opens at most. */
const maxSpan = 10;

/** Does what can be done now; `updates` are those that could be fetched. Errors: those of `bringChallenge`. */
export type UnavailableWatch = (round: ProposedRound, updates: Updates) => Promise<void>;

export function createUnavailableWatch(node: Participant): UnavailableWatch {
  const { federation, task, account } = node;
  /** What was asked for once, by the id of the proposal. */
  const lists = new Map<string, Promise<readonly RoundInput[]>>();

  return async (round, updates) => {
    const { proposed } = round;
    const lost = includedSubmissions(round).find(({ trainer }) => {
      return !updates.verified.has(trainer) && !updates.rejected.has(trainer);
    });
    if (lost === undefined) return;
    const disputed: Disputed = { round: round.number, proposed, fromBlock: proposed.blockNumber };
    const demands = await readDemands(federation, round.number, proposed.blockNumber);
    const pending = demands.filter(({ opened, closed }) => opened === undefined && !closed);
    const overdue = pending.find(({ answerBy }) => federation.chainTime() > answerBy);
    if (overdue !== undefined) await forfeit(node, proposed.proposal, overdue);
    else if (pending.length === 0) await pursue(round, lost, demands, disputed);
    await federation.sync();
  };

  async function pursue(round: ProposedRound, lost: Submission, demands: readonly Demand[], disputed: Disputed) {
    const { proposal } = round.proposed;
    const known =
      knownFrom(await listOf(round), proposal.inputsRoot) ?? knownFromDemands(openedInputs(proposal, demands));
    const place = placeOf(round, lost, known);
    const group = Math.floor(place / groupSize);
    const entries = known.group(group);
    if (entries === undefined) {
      const wanted = known.next(group);
      if (wanted !== undefined) await demandOpening(node, disputed, proposal, wanted);
      return;
    }
    const facts = factsOf(
      node,
      round,
      round.proposed.included.map((trainer) => ({ trainer, updateRoot: new Uint8Array(32), weight: 0 })),
      await node.reputations(proposal.reputations),
    );
    // one that quotes it wrongly is refuted by that
    const isBeforeKnown = place === 0 || known.group(Math.floor((place - 1) / groupSize)) !== undefined;
    const challenge = isBeforeKnown ? examineEntries(known, proposal, facts)(place) : undefined;
    if (challenge !== undefined) return void (await bringChallenge(node, challenge, disputed));
    const input = openInput(entries, place, known.path(group));
    const next = nextChunk(demands, input.updateRoot);
    if (next === undefined) await assemble(demands, input.updateRoot);
    else await demandOpening(node, disputed, proposal, { tree: 'update', height: 0, span: 0, index: next, input });
  }

  function listOf(round: ProposedRound): Promise<readonly RoundInput[]> {
    const { id } = round.proposed;
    const known = lists.get(id) ?? publishedInputs(node, round).then((list) => list ?? []);
    lists.set(id, known);
    keepNewestInPlace(lists, rememberedLists);
    return known;
  }

  /** Another one for every watchtower, so that who hides some chunks does not know which. */
  function nextChunk(demands: readonly Demand[], updateRoot: string): number | undefined {
    const chunks = chunkCount(task.dimension);
    const shown = shownChunks(demands, updateRoot);
    const seed = keccak256(new TextEncoder().encode(`${account} ${updateRoot}`));
    const start = new DataView(seed.buffer, seed.byteOffset).getUint32(0) % chunks;
    const order = Array.from({ length: chunks }, (_, index) => (start + index) % chunks);
    return order.find((chunk) => !shown.has(chunk));
  }

  /** All of it stands on the chain: from here on this node has it. */
  async function assemble(demands: readonly Demand[], updateRoot: string): Promise<void> {
    const shown = shownChunks(demands, updateRoot);
    await node.store.put(concatBytes(...[...shown].sort(([a], [b]) => a - b).map(([, chunk]) => chunk)));
  }
}

function shownChunks(demands: readonly Demand[], updateRoot: string): Map<number, Uint8Array> {
  const shown = new Map<number, Uint8Array>();
  for (const { tree, node, index, opened } of demands) {
    if (tree !== 'update' || toHex(node.hash) !== updateRoot || opened?.kind !== 'updateChunk') continue;
    shown.set(index, opened.chunk);
  }
  return shown;
}

/** Posted inputs as far as they are known, and what must be demanded to know a group. */
interface PartlyKnown extends KnownInputs {
  next(group: number): Wanted | undefined;
}

/** Undefined where the list is not what the proposal commits to. */
function knownFrom(list: readonly RoundInput[], inputsRoot: Uint8Array): PartlyKnown | undefined {
  if (list.length === 0) return undefined;
  const tree = hashInputs(list);
  if (!equalBytes(sumTreeRoot(tree).hash, inputsRoot)) return undefined;
  const groups = groupInputs(list);
  return {
    group: (index) => groups[index],
    path: (index) => proveNode(tree, 0, index),
    next: () => undefined,
  };
}

function knownFromDemands({ tree, groups }: OpenedInputs): PartlyKnown {
  const path = (height: number, index: number): SumNode[] =>
    Array.from({ length: tree.depth - height }, (_, up) => tree.node(height + up, siblingAbove(index, up))!);
  return {
    group: (index) => groups.get(index),
    path: (index) => path(0, index),
    next(group) {
      for (let height = 0; height <= tree.depth; height++) {
        const index = Math.floor(group / 2 ** height);
        const node = tree.node(height, index);
        if (node === undefined) continue;
        const span = height === 0 ? 0 : spanOf(height, maxSpan);
        return { tree: 'inputs', height, span, index, node, path: path(height, index) };
      }
      return undefined;
    },
  };
}

/** Where it stands, or must stand where the inputs are in order. */
function placeOf({ proposed }: ProposedRound, { trainer }: Submission, known: KnownInputs): number {
  const sorted = [...proposed.included].sort(compareAddresses);
  const expected = sorted.indexOf(trainer);
  const group = Math.floor(expected / groupSize);
  const found = known.group(group)?.findIndex((entry) => compareAddresses(entry.trainer, trainer) === 0) ?? -1;
  return found < 0 ? expected : group * groupSize + found;
}
