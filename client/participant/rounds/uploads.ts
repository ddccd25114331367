/**
 * For trainers that nobody can reach: they hand their updates to the aggregators, which pin them. Taken is only what a
 * trainer has submitted to a round that still needs it, by its signature (EIP-191) over chain, federation and CID.
 */
import { verifyMessage } from 'ethers';
import { normalizeAddress } from '../../chain/address.ts';
import type { Addresses } from '../../chain/connect.ts';
import type { FederationClient, TaskOnChain } from '../../chain/federation.ts';
import type { Round, Submission } from '../../chain/rounds.ts';
import { equalBytes, toHex } from '../../core/hash.ts';
import { updateBytes } from '../../core/numbers.ts';
import type { UploadOptions } from '../../storage/upload.ts';
import type { ParticipantOptions } from '../participant.ts';

const scheme = 'Tributary ';

/** What is signed, the same however a deployment file writes the address. */
function uploadMessage({ chainId, federation }: Addresses, cid: Uint8Array): string {
  return `Tributary upload\nchain ${chainId}\nfederation ${normalizeAddress(federation)}\ncid ${toHex(cid)}`;
}

/** The Authorization header of an upload of the blob with this digest. */
export async function authorizeUpload(
  addresses: Addresses,
  cid: Uint8Array,
  sign: (message: string) => Promise<string>,
): Promise<string> {
  return `${scheme}${await sign(uploadMessage(addresses, cid))}`;
}

/** What an aggregator takes: one update of a trainer for each round that can be in flight, and for each final one that is kept. */
export function acceptUploads(
  federation: FederationClient,
  task: TaskOnChain,
  keepUpdates: ParticipantOptions['keepUpdates'],
): UploadOptions {
  const maxBytes = updateBytes(task.dimension);
  const keptRounds = keepUpdates === 'all' ? Number.POSITIVE_INFINITY : keepUpdates;
  return {
    maxBytes,
    quotaBytes: maxBytes * (task.ringSize + keptRounds),
    async acceptUpload({ digest, authorization }) {
      const signer = recoverSigner(uploadMessage(federation.addresses, digest), authorization);
      if (signer === undefined) return undefined;
      if (isSubmitted(federation, signer, digest)) return signer;
      // its submission may be newer than our last look
      await federation.sync();
      return isSubmitted(federation, signer, digest) ? signer : undefined;
    },
  };
}

function recoverSigner(message: string, authorization: string): string | undefined {
  if (!authorization.startsWith(scheme)) return undefined;
  try {
    return verifyMessage(message, authorization.slice(scheme.length));
  } catch {
    return undefined;
  }
}

/** Whether a proposal or a proof may still take the submission's bytes. */
export function isNeeded({ final, skipped, voided }: Round, { slashed }: Submission): boolean {
  return !final && !skipped && !voided && !slashed;
}

function isSubmitted({ state }: FederationClient, trainer: string, cid: Uint8Array): boolean {
  return [...state.rounds.values()].some((round) => {
    const submission = round.submissions.get(trainer);
    return submission !== undefined && isNeeded(round, submission) && equalBytes(submission.cid, cid);
  });
}
