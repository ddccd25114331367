/** What electors sign of a round's inputs, as evidence against who signs two. */
import { type Hash, toHex } from '../hash.ts';
import type { Challenge } from './challenge.ts';

/** See contracts/types/Attestation.sol. */
export interface SignedInputs {
  signer: string;
  inputsRoot: Hash;
  signature: string;
}

/** One signer, one edition of a round, two different inputs. */
export function challengeSignatures(
  round: number,
  edition: number,
  first: SignedInputs,
  second: SignedInputs,
): Challenge {
  const roots = [first, second].map(({ inputsRoot }) => toHex(inputsRoot));
  const attestations = [first, second].map(({ signer, signature }) => ({ signer, signature }));
  return {
    contract: 'InputChallenges',
    method: 'refuteSignatures',
    against: 'account',
    args: [round, edition, ...roots, ...attestations],
    fault: `${first.signer} signed two different inputs for round ${round}`,
  };
}
