/** The audit of past rounds, from an archive's folder and the chain alone: nobody else has to be there any more. */
import { openManifests } from '../chain/manifests.ts';
import { type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import { modelToBytes } from '../core/codec.ts';
import { TributaryError } from '../core/errors.ts';
import { encodeInputsList } from '../core/inputs.ts';
import { decodeManifest } from '../core/task.ts';
import type { BlobKind } from '../participant/events.ts';
import type { Observer } from '../participant/participant.ts';
import type { Recomputed } from '../participant/rounds/recompute.ts';
import { blobsOf, manifestBlob, modelFileBlob, type RoundBlob } from '../participant/rounds/roundBlobs.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { buildDag } from '../storage/dag.ts';
import type { Flaw, InspectedStore } from '../storage/inspect.ts';
import type { Followed } from './connect.ts';
import { observeBy } from './observe.ts';
import { recomputeBy } from './recomputeRound.ts';

/** A file of the archive that is not there, or not what it should be. */
export interface ArchiveFlaw extends Flaw {
  what: BlobKind;
  /** Of an update: whose. */
  trainer?: string;
  cid: string;
}

/** A round, as the archive bears it out. */
export interface VerifiedRound {
  round: number;
  proposer: string;
  /** So many updates were verified and aggregated again; none where that cannot be done. */
  inputs: number;
  /** So many blobs were looked at. */
  blobs: number;
  flaws: ArchiveFlaw[];
  /** Why the round does not follow from the archive, a part of a sentence; undefined where it does. */
  wrong: string | undefined;
}

/** Which final rounds, and where the chain is read from. */
export interface VerifyOptions {
  /** The first and the last, both included. */
  from: number;
  to: number;
  deployBlock: number;
  signal: AbortSignal;
}

/** Round by round, the oldest first. Errors: CONFIG_INVALID where none of them is final; CHAIN_UNREACHABLE. */
export async function* verifyArchive(
  followed: Followed,
  store: InspectedStore,
  { from, to, deployBlock, signal }: VerifyOptions,
): AsyncGenerator<VerifiedRound> {
  const final = proposedRounds(followed.federation.state).filter((round) => round.final);
  const chosen = final.filter(({ number }) => from <= number && number <= to);
  if (chosen.length === 0) {
    const known = final.length === 0 ? 'none yet' : `${final[0]!.number} to ${final.at(-1)!.number}`;
    throw new TributaryError('CONFIG_INVALID', `--rounds: none of these rounds is final: choose of ${known}.`, {
      args: { field: '--rounds' },
    });
  }
  const observer = await observeBy(followed, store, signal);
  const { provider, addresses } = followed.federation;
  const manifests = openManifests(provider, addresses, deployBlock, observer.task.manifestCid);
  await manifests.sync();
  const models = createRoundModels(observer);
  for (const round of chosen) {
    const manifest = manifestBlob(manifests.inForceIn(round.number));
    yield await verifyRound(observer, store, models, round, manifest);
  }
}

async function verifyRound(
  observer: Observer,
  store: InspectedStore,
  models: ReturnType<typeof createRoundModels>,
  round: ProposedRound,
  manifest: RoundBlob,
): Promise<VerifiedRound> {
  let { right, wrong }: { right: Recomputed['right'] | undefined; wrong: string | undefined } = {
    right: undefined,
    wrong: undefined,
  };
  try {
    const recomputed = await recomputeBy(observer, round, 0, models);
    ({ right } = recomputed);
    ({ wrong } = recomputed.round);
  } catch (error) {
    if (!(error instanceof TributaryError) || error.code === 'CHAIN_UNREACHABLE') throw error;
    wrong = `it cannot be recomputed (${error.message.replace(/\.$/, '')})`;
  }
  const named = blobsOf(observer, round).filter((blob) => isNeeded(blob, right));
  const file = await modelFileOf(observer, manifest);
  const blobs = [manifest, ...(file === undefined ? [] : [file]), ...named];
  const flaws: ArchiveFlaw[] = [];
  for (const blob of blobs) flaws.push(...(await flawsOf(store, blob, right)));
  const { number, proposed } = round;
  const inputs = right?.updates.length ?? 0;
  return { round: number, proposer: proposed.proposer, inputs, blobs: blobs.length, flaws, wrong };
}

/** False for the update of a trainer that was proven false before the proposal, which did not take it in. */
function isNeeded({ optional, trainer }: RoundBlob, right: Recomputed['right'] | undefined): boolean {
  if (!optional || right === undefined) return true;
  return right.updates.some((update) => update.trainer.toLowerCase() === trainer?.toLowerCase());
}

async function flawsOf(
  store: InspectedStore,
  blob: RoundBlob,
  right: Recomputed['right'] | undefined,
): Promise<ArchiveFlaw[]> {
  const { kind, trainer, cid } = blob;
  const flaws = await store.inspect(cid);
  if (flaws.length > 0 && (await isThereOtherwise(store, blob, right))) return [];
  return flaws.map((flaw) => ({ what: kind, ...(trainer !== undefined && { trainer }), cid: cid.toString(), ...flaw }));
}

/** A proposal may name a CID under which nobody ever served its model or its inputs: what follows from its updates counts. */
async function isThereOtherwise(
  store: InspectedStore,
  { kind, cid }: RoundBlob,
  right: Recomputed['right'] | undefined,
): Promise<boolean> {
  if (right === undefined || (kind !== 'model' && kind !== 'inputs')) return false;
  const { root } = await buildDag(kind === 'model' ? modelToBytes(right.model) : encodeInputsList(right.updates));
  return !root.equals(cid) && (await store.has(root));
}

async function modelFileOf({ store, signal }: Observer, { cid, maxBytes }: RoundBlob): Promise<RoundBlob | undefined> {
  try {
    return modelFileBlob(decodeManifest(await store.get(cid, { maxBytes, signal })));
  } catch (error) {
    // the manifest is among what is looked at by itself
    if (!(error instanceof TributaryError)) throw error;
    return undefined;
  }
}
