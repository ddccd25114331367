/** What a process keeps in its data folder, kind by kind. */
import { invariant } from '../core/errors.ts';

/** Files of one kind that are sealed; see `storage/seal.ts`. */
export interface FileKind {
  /** Of one such file, in a sentence. */
  name: string;
  /** Below the data folder. */
  folder: string;
  isName: RegExp;
  /** What follows where one is damaged, as a sentence without its end. */
  means: string;
  /** It can be had again, from the chain or from peers: what is damaged is removed. */
  replaceable: boolean;
  /** Whether a file of format 1, which had no seal, was whole as far as one can see. */
  wasWhole(bytes: Uint8Array): boolean;
}

/** Of files that roles keep by their purpose; see `Participant.files`. */
export const keptKinds: readonly FileKind[] = [
  {
    name: 'update',
    folder: 'outbox',
    isName: /^\d+\.update$/,
    means: 'this node does not serve the update of that round, and the round is made without it where nobody else does',
    replaceable: false,
    // the chain has its digest
    wasWhole: () => true,
  },
  {
    name: 'ballot',
    folder: 'ballots',
    isName: /^\d+-\d+\.json$/,
    means:
      'the scores in it cannot be revealed, which costs a part of the stake where they were committed to; put the file back from a backup, if there is one, before they are due',
    replaceable: false,
    wasWhole: isJson,
  },
  {
    name: 'attestation',
    folder: 'attestations',
    isName: /^\d+-\d+\.json$/,
    means: 'this node does not sign the inputs of that round again, since it may have shown others',
    replaceable: false,
    wasWhole: isJson,
  },
  {
    name: 'note of losses',
    folder: 'losses',
    isName: /^readTo\.json$/,
    means: 'what was lost of the stake is read from the chain again, and said again',
    replaceable: true,
    wasWhole: isJson,
  },
  {
    name: 'note of payments',
    folder: 'payments',
    isName: /^payments\.json$/,
    means: 'what was paid before is not counted in what --max-spend allows for a day',
    replaceable: true,
    wasWhole: isJson,
  },
  {
    name: 'ledger of privacy',
    folder: 'privacy',
    isName: /^ledger\.json$/,
    means:
      'what was spent of the budget is not known, so nothing more is trained with --record-dp; put the file back from a backup',
    replaceable: false,
    wasWhole: isJson,
  },
  {
    name: 'note of metrics',
    folder: 'metrics',
    isName: /^measured\.json$/,
    means: 'this node measures the newest models again, and no longer says how good the older ones were',
    replaceable: true,
    wasWhole: isJson,
  },
  {
    name: 'archive record',
    folder: 'archive',
    isName: /^\d+\.json$/,
    means: 'what that round needs is read from the chain again, and fetched where it is missing',
    replaceable: true,
    wasWhole: isJson,
  },
];

export const pinKind: FileKind = {
  name: 'pin',
  folder: 'blobs/pins',
  isName: /^b[a-z2-7]+$/,
  means: "the blob is kept as the node's own",
  replaceable: true,
  wasWhole: (bytes) => /^(0x[0-9a-fA-F]{40})?$/.test(new TextDecoder().decode(bytes)),
};

/** What follows where `process.json` is damaged. */
export const ownerMeans = 'it is written anew, and what is in the folder is looked through';

export function keptKindOf(purpose: string): FileKind {
  const kind = keptKinds.find(({ folder }) => folder === purpose);
  invariant(kind !== undefined, `Nothing is known of files for ${purpose}`);
  return kind;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    return typeof JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) === 'object';
  } catch {
    return false;
  }
}
