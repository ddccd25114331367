/** What a proposal of a simulation says, and who signs it. */
import type { AggregateCommitment } from '../core/aggregate.ts';
import { type Hash, keccak256, toHex } from '../core/hash.ts';
import type { SimulatedFederation } from './federation.ts';

export interface OpenRound {
  round: number;
  baseRound: number;
}

/** `reputations` is the word of what weighs the round's inputs. */
export async function proposalOf(
  { chain, contracts }: SimulatedFederation,
  { round, baseRound }: OpenRound,
  commitment: AggregateCommitment,
  reputations: Hash,
) {
  const { Federation: contract } = contracts;
  const [clock] = await chain.read(contract, 'clock');
  const [base] =
    baseRound === 0 ? await chain.read(contract, 'task') : await chain.read(contract, 'proposalOf', [baseRound]);
  return {
    round,
    baseRound,
    inputCount: commitment.inputCount,
    totalWeight: commitment.totalWeight,
    rule: clock.rule,
    trimBasisPoints: clock.trimBasisPoints,
    baseModelRoot: baseRound === 0 ? base.genesisModelRoot : base.modelRoot,
    modelRoot: toHex(commitment.modelRoot),
    modelCid: toHex(keccak256(commitment.modelRoot)),
    inputsCid: toHex(keccak256(commitment.inputsRoot)),
    inputsRoot: toHex(commitment.inputsRoot),
    columnsRoot: toHex(commitment.columnsRoot),
    omittedHash: toHex(new Uint8Array(32)),
    reputations: toHex(reputations),
  };
}

/** Of all electors but the proposer, whatever they think of it: what is wrong is to be found by others. */
export async function attestationsOf(
  { chain, contracts, electors }: SimulatedFederation,
  round: number,
  proposer: string,
) {
  const others = electors.filter((elector) => elector !== proposer).sort();
  const weights = await Promise.all(
    others.map((elector) => chain.read(contracts.Federation, 'electorWeight', [elector, round])),
  );
  return others.filter((_, index) => weights[index]![0] > 0n).map((signer) => ({ signer, signature: '0x' }));
}
