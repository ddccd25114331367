/** What trainers and aggregators say in a round. Hashes are arbitrary, but differ. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { AbiCoder, type BigNumberish, id, keccak256, ZeroHash } from 'ethers';
import type { Federation } from '../../types/ethers-contracts/index.js';
import { task } from './deployment.ts';

/** `UpdateTerms` of contracts/types. */
export function packTerms(round: BigNumberish, squaredNorm: BigNumberish, weight: BigNumberish): bigint {
  return (BigInt(round) << 80n) | (BigInt(squaredNorm) << 16n) | BigInt(weight);
}

export function submission(
  trainer: string,
  round: BigNumberish,
  squaredNorm: BigNumberish = 2n ** 36n + 12_345n,
  weight: BigNumberish = 258,
) {
  return [
    packTerms(round, squaredNorm, weight),
    id(`commitment ${trainer} ${round}`),
    id(`cid ${trainer} ${round}`),
  ] as const;
}

/** Each trainer submits to the open round. */
export async function submit(federation: Federation, ...trainers: HardhatEthersSigner[]): Promise<void> {
  const { round } = await federation.clock();
  for (const trainer of trainers) await federation.connect(trainer).submitUpdate(...submission(trainer.address, round));
}

export function modelRoot(round: BigNumberish): string {
  return BigInt(round) === 0n ? task.genesisModelRoot : id(`model ${round}`);
}

/** `Commitments.baseHash`. */
export function baseHash(modelRoot: string, reputations: string = ZeroHash): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'bytes32'], [modelRoot, reputations]));
}

/** What a round starts from whose base round is `round`. */
async function baseOf(federation: Federation, round: bigint) {
  if (round === 0n) return { baseModelRoot: (await federation.task()).genesisModelRoot, reputations: ZeroHash };
  const proposed = await federation.queryFilter(federation.filters.AggregateProposed(round));
  const { proposal, nextReputations } = proposed.at(-1)!.args;
  return { baseModelRoot: proposal.modelRoot, reputations: nextReputations };
}

/** A proposal for the open round. */
export async function proposalFor(federation: Federation, inputCount: number) {
  const { round, baseRound, rule, trimBasisPoints } = await federation.clock();
  const { baseModelRoot, reputations } = await baseOf(federation, baseRound);
  return {
    round,
    baseRound,
    inputCount,
    totalWeight: 258n * BigInt(inputCount),
    rule,
    trimBasisPoints,
    baseModelRoot,
    modelRoot: modelRoot(round),
    modelCid: id(`model cid ${round}`),
    inputsCid: id(`inputs cid ${round}`),
    inputsRoot: id(`inputs ${round}`),
    columnsRoot: id(`columns ${round}`),
    omittedHash: ZeroHash,
    reputations,
  };
}

/** Whoever's turn it is proposes for the open round. */
export async function propose(federation: Federation, aggregators: readonly HardhatEthersSigner[], inputCount: number) {
  const proposal = await proposalFor(federation, inputCount);
  const holder = await federation.turnHolder(proposal.round);
  const proposer = aggregators.find(({ address }) => address === holder)!;
  const response = await federation.connect(proposer).proposeAggregate(proposal, [], []);
  return { proposal, proposer, response };
}

/** All trainers submit, and the round is proposed. */
export async function playRound(
  federation: Federation,
  trainers: readonly HardhatEthersSigner[],
  aggregators: readonly HardhatEthersSigner[],
) {
  await submit(federation, ...trainers);
  return await propose(federation, aggregators, trainers.length);
}
