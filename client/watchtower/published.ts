/** What a proposer shows of its result: served, and right as far as its roots say. What it does not show must be demanded. */
import type { ProposedRound } from '../chain/rounds.ts';
import { cidFromDigest } from '../core/cid.ts';
import { modelFromBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { TributaryError } from '../core/errors.ts';
import { equalBytes, type Hash } from '../core/hash.ts';
import { decodeInputsList, inputsListBytes, type RoundInput } from '../core/inputs.ts';
import { type MerkleTree, merkleRoot } from '../core/merkle.ts';
import { modelBytes } from '../core/numbers.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import { type Participant, peerEndpoints } from '../participant/participant.ts';

/** How long a proposer that may be hiding is asked, as a share of the window. */
const patienceShareOfWindow = 0.2;

/** The tree of the proposal's model, if it is served. */
export async function publishedModel(node: Participant, round: ProposedRound): Promise<MerkleTree | undefined> {
  const { modelCid, modelRoot } = round.proposed.proposal;
  const { dimension } = node.task;
  return await orNothing(async () => {
    const model = modelFromBytes(await fetchFrom(node, round, modelCid, modelBytes(dimension)), dimension);
    const tree = buildModelTree(model);
    return equalBytes(merkleRoot(tree), modelRoot) ? tree : undefined;
  });
}

/** What the proposal's list of inputs says, if it is served: it may be anything. */
export async function publishedInputs(node: Participant, round: ProposedRound): Promise<RoundInput[] | undefined> {
  const { inputsCid, inputCount } = round.proposed.proposal;
  return await orNothing(async () =>
    decodeInputsList(await fetchFrom(node, round, inputsCid, inputsListBytes(inputCount))),
  );
}

function fetchFrom(node: Participant, { proposed }: ProposedRound, digest: Hash, bytes: number): Promise<Uint8Array> {
  const patienceMs = 1000 * node.parameters().challengeSeconds * patienceShareOfWindow;
  return node.store.get(cidFromDigest(digest, bytes), {
    maxBytes: bytes,
    signal: AbortSignal.any([withFetchTimeout(node.signal), AbortSignal.timeout(patienceMs)]),
    peers: peerEndpoints(node.federation, node.account, [proposed.proposer]),
  });
}

/** What cannot be fetched, or is not what its roots say, is as good as nothing. */
async function orNothing<T>(fetchIt: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await fetchIt();
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return undefined;
  }
}
