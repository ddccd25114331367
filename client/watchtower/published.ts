/** What a proposer shows of its result: served, and right as far as its roots say. What it does not show must be demanded. */
import type { ProposedRound } from '../chain/rounds.ts';
import { modelFromBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { equalBytes } from '../core/hash.ts';
import type { RoundInput } from '../core/inputs.ts';
import { type MerkleTree, merkleRoot } from '../core/merkle.ts';
import { modelBytes } from '../core/numbers.ts';
import { fetchBlob } from '../participant/fetchBlob.ts';
import type { Participant } from '../participant/participant.ts';
import { fetchInputsList, orNothing } from '../participant/rounds/inputsList.ts';

/** How long a proposer that may be hiding is asked, as a share of the window. */
const patienceShareOfWindow = 0.2;

/** The tree of the proposal's model, if it is served. */
export async function publishedModel(node: Participant, { proposed }: ProposedRound): Promise<MerkleTree | undefined> {
  const { modelCid, modelRoot } = proposed.proposal;
  const { dimension } = node.task;
  return await orNothing(async () => {
    const bytes = await fetchBlob(node, modelCid, modelBytes(dimension), [proposed.proposer], patienceMs(node));
    const tree = buildModelTree(modelFromBytes(bytes, dimension));
    return equalBytes(merkleRoot(tree), modelRoot) ? tree : undefined;
  });
}

/** What the proposal's list of inputs says, if it is served: it may be anything. */
export async function publishedInputs(
  node: Participant,
  { proposed }: ProposedRound,
): Promise<readonly RoundInput[] | undefined> {
  return (await fetchInputsList(node, proposed.proposal, [proposed.proposer], patienceMs(node)))?.list;
}

function patienceMs({ parameters }: Participant): number {
  return 1000 * parameters().challengeSeconds * patienceShareOfWindow;
}
