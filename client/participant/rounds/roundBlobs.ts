/** The blobs behind a round: what it takes to recompute it when nobody serves it any more. */
import type { CID } from 'multiformats/cid';
import type { TaskOnChain } from '../../chain/federation.ts';
import { isProposed, type Round, type Submission } from '../../chain/rounds.ts';
import { cidFromDigest } from '../../core/cid.ts';
import { fromHex, type Hash } from '../../core/hash.ts';
import { inputsListBytes } from '../../core/inputs.ts';
import { modelBytes, updateBytes } from '../../core/numbers.ts';
import { maxManifestBytes, type TaskManifest } from '../../core/task.ts';
import type { BlobKind } from '../events.ts';
import type { Participant } from '../participant.ts';
import { modelOfRound } from './models.ts';

/** One of them. */
export interface RoundBlob {
  kind: BlobKind;
  /** Of an update: whose. */
  trainer?: string;
  cid: CID;
  /** The most that it has. */
  maxBytes: number;
  /** Accounts that are asked for it before others. */
  first: readonly string[];
  /** Whether the round needs it is not known. */
  optional?: true;
}

type Reading = Pick<Participant, 'federation' | 'task'>;

/** Of an open round that takes no more: its updates. Of a proposal also its model, the one that it starts from, and the list of its inputs. */
export function blobsOf({ federation, task }: Reading, round: Round): RoundBlob[] {
  const updates = updatesOf(round).map((submission) => updateBlob(task, submission, round));
  if (!isProposed(round)) return updates;
  const { proposer, proposal } = round.proposed;
  const { inputsCid, inputCount } = proposal;
  const listBytes = inputsListBytes(inputCount);
  return [
    modelBlob(federation, task, 'baseModel', round.baseRound),
    modelBlob(federation, task, 'model', round.number),
    { kind: 'inputs', cid: cidFromDigest(inputsCid, listBytes), maxBytes: listBytes, first: [proposer] },
    ...updates,
  ];
}

/** The manifest with this digest. */
export function manifestBlob(digest: Hash): RoundBlob {
  return { kind: 'manifest', cid: cidFromDigest(digest, maxManifestBytes), maxBytes: maxManifestBytes, first: [] };
}

/** The file of its model; undefined where it needs none. */
export function modelFileBlob({ model: { file } }: TaskManifest): RoundBlob | undefined {
  return (
    file && { kind: 'modelFile', cid: cidFromDigest(fromHex(file.cid), file.bytes), maxBytes: file.bytes, first: [] }
  );
}

function modelBlob(federation: Reading['federation'], task: TaskOnChain, kind: BlobKind, round: number): RoundBlob {
  const { cid, proposer } = modelOfRound(federation, task, round);
  return { kind, cid, maxBytes: modelBytes(task.dimension), first: proposer === undefined ? [] : [proposer] };
}

/** Of a proposal those that it does not omit: it may have taken in some that were proven false before it. */
function updatesOf(round: Round): Submission[] {
  const all = [...round.submissions.values()];
  const { proposed } = round;
  if (proposed === undefined) return all.filter(({ slashed }) => !slashed);
  const isExact = proposed.included.length === proposed.proposal.inputCount;
  return all.filter(
    ({ trainer, slashed }) =>
      proposed.included.includes(trainer) || (slashed && !isExact && !proposed.omitted.includes(trainer)),
  );
}

function updateBlob(task: TaskOnChain, { trainer, cid, slashed }: Submission, { proposed }: Round): RoundBlob {
  const maxBytes = updateBytes(task.dimension);
  const isSure = !slashed || proposed?.included.includes(trainer);
  const blob: RoundBlob = { kind: 'update', trainer, cid: cidFromDigest(cid, maxBytes), maxBytes, first: [trainer] };
  return isSure ? blob : { ...blob, optional: true };
}
