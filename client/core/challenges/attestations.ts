/** What aggregators sign of a round's inputs, as evidence: against who signs two, and for who was left out of them. */

import { validateArgument } from '../errors.ts';
import { type Hash, toHex } from '../hash.ts';
import { compareAddresses, hashInputs, type RoundInput } from '../inputs.ts';
import type { Challenge } from './challenge.ts';
import { refuteInputs } from './entries.ts';
import { openInputOf } from './evidence.ts';

/** See contracts/types/Attestation.sol. */
export interface SignedInputs {
  signer: string;
  inputsRoot: Hash;
  signature: string;
}

/** An aggregator's signature, and the inputs that it signed, sorted. */
export interface Witness {
  signer: string;
  signature: string;
  inputs: readonly RoundInput[];
}

/** One signer, one round, two different inputs. */
export function challengeSignatures(round: number, first: SignedInputs, second: SignedInputs): Challenge {
  const roots = [first, second].map(({ inputsRoot }) => toHex(inputsRoot));
  const attestations = [first, second].map(({ signer, signature }) => ({ signer, signature }));
  return {
    contract: 'InputChallenges',
    method: 'refuteSignatures',
    against: 'account',
    args: [round, ...roots, ...attestations],
    fault: `${first.signer} signed two different inputs for round ${round}`,
  };
}

/**
 * The trainer was left out of a proposal, though the witnesses signed inputs with its update. `omitted` are the trainers that the
 * proposal names. Errors: ARGUMENT_INVALID where a witness did not.
 */
export function challengeOmission(
  trainer: string,
  omitted: readonly string[],
  witnesses: readonly Witness[],
): Challenge {
  const sorted = [...witnesses].sort((a, b) => compareAddresses(a.signer, b.signer));
  const attested = sorted.map(({ signer, signature, inputs }) => ({
    attestation: { signer, signature },
    input: openInputOfTrainer(trainer, inputs),
  }));
  return refuteInputs(
    'refuteOmission',
    [trainer, omitted, attested],
    `${trainer} was left out, though its update was available`,
  );
}

function openInputOfTrainer(trainer: string, inputs: readonly RoundInput[]) {
  const index = inputs.findIndex((input) => compareAddresses(input.trainer, trainer) === 0);
  validateArgument(index >= 0, `The update of ${trainer} is not among the inputs that were signed.`);
  return openInputOf({ inputs, tree: hashInputs(inputs) }, index);
}
