/** A round on chain with one fault, and the evidence of it. */
import { ZeroHash } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { hashInputs, type RoundInput } from '../../../client/core/inputs.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import type { Challenges } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';
import { proposeStaged, type Staged } from '../stagedRound.ts';

export interface Fault {
  staged: Staged;
  /** The wrong proposal, where one is challenged. */
  proposal?: ProposalStruct;
  /** What the contract's function takes after the federation and the proposal. */
  args: unknown[];
}

export interface Case {
  contract: keyof Challenges;
  method: string;
  fault: () => Promise<Fault>;
}

export const noNode = { hash: ZeroHash, sum: 0n };

/** Proposes inputs that are others than those submitted. */
export async function proposeInputs(staged: Staged, inputs: readonly RoundInput[], inputCount = inputs.length) {
  const { hash, sum } = sumTreeRoot(hashInputs(inputs));
  return await proposeStaged(staged, { inputsRoot: toHex(hash), totalWeight: BigInt(sum), inputCount });
}
