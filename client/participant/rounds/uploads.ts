/**
 * For trainers that nobody can reach: they hand their updates to the aggregators, which pin them. Taken is only what a
 * trainer has submitted to a round that still needs it, by its signature (EIP-191) over chain, federation and CID. A trainer whose account is
 * a contract names it, and the contract says whether it has signed (EIP-1271).
 */
import { hashMessage, isAddress, isHexString, verifyMessage } from 'ethers';
import { normalizeAddress } from '../../chain/address.ts';
import type { Addresses } from '../../chain/connect.ts';
import { isSignedByContract } from '../../chain/contractSignatures.ts';
import { knownFailure } from '../../chain/failure.ts';
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

/** The Authorization header of an upload of the blob with this digest; `account`: who signs, where that is a contract. */
export async function authorizeUpload(
  addresses: Addresses,
  cid: Uint8Array,
  sign: (message: string) => Promise<string>,
  account?: string,
): Promise<string> {
  return [scheme, await sign(uploadMessage(addresses, cid)), ...(account === undefined ? [] : [' ', account])].join('');
}

/** What an aggregator takes: one update of a trainer for each round that can be in flight, and for each final one that is kept. */
export function acceptUploads(
  federation: FederationClient,
  task: TaskOnChain,
  keepUpdates: ParticipantOptions['keepUpdates'],
): UploadOptions {
  const maxBytes = updateBytes(task.dimension);
  // rounds have no shortest time
  const keptRounds = typeof keepUpdates === 'number' ? keepUpdates : Number.POSITIVE_INFINITY;
  return {
    maxBytes,
    quotaBytes: maxBytes * (task.ringSize + keptRounds),
    async acceptUpload({ digest, authorization }) {
      const message = uploadMessage(federation.addresses, digest);
      const signed = readAuthorization(message, authorization);
      if (signed === undefined) return undefined;
      const { signer, signature, isContract } = signed;
      if (!isSubmitted(federation, signer, digest)) {
        // its submission may be newer than our last look
        await federation.sync();
        if (!isSubmitted(federation, signer, digest)) return undefined;
      }
      return isContract && !(await hasSigned(federation, signer, message, signature)) ? undefined : signer;
    },
  };
}

interface Authorization {
  signer: string;
  signature: string;
  /** What is said to have signed is a contract, which is still to be asked. */
  isContract: boolean;
}

/** Undefined for what is none. */
function readAuthorization(message: string, authorization: string): Authorization | undefined {
  if (!authorization.startsWith(scheme)) return undefined;
  const [signature = '', account, ...more] = authorization.slice(scheme.length).split(' ');
  if (more.length > 0 || !isHexString(signature)) return undefined;
  if (account !== undefined) {
    return isAddress(account.toLowerCase())
      ? { signer: normalizeAddress(account), signature, isContract: true }
      : undefined;
  }
  try {
    return { signer: verifyMessage(message, signature), signature, isContract: false };
  } catch {
    return undefined;
  }
}

/** False also where the chain does not answer: the trainer asks again. */
async function hasSigned(
  { provider, addresses }: FederationClient,
  account: string,
  message: string,
  signature: string,
): Promise<boolean> {
  const asked = { asker: addresses.federation, account, digest: hashMessage(message), signature };
  return await isSignedByContract(provider, asked).catch((error: unknown) => {
    if (knownFailure(error, 'an upload') === undefined) throw error;
    return false;
  });
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
