/** What trainers and aggregators say in a round. Hashes are arbitrary, but differ. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { AbiCoder, type BigNumberish, type BytesLike, id, keccak256, ZeroHash } from 'ethers';
import type { ProposalStruct } from '../../types/ethers-contracts/federation/Federation.js';
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

/** No block is said to have been read. */
export const noAnchor = { number: 0, hash: ZeroHash };

/** Who signs with a key of its own. */
type Elector = Pick<HardhatEthersSigner, 'address' | 'signTypedData'>;

/** Signatures over a round's inputs, by ascending signer. */
export async function attest(
  federation: Federation,
  { round, inputsRoot, edition }: { round: BigNumberish; inputsRoot: BytesLike; edition?: BigNumberish },
  signers: readonly Elector[],
  ofChain?: bigint,
) {
  const provider = federation.runner!.provider!;
  const chainId = ofChain ?? (await provider.getNetwork()).chainId;
  const domain = { name: 'Tributary', version: '1', chainId, verifyingContract: await federation.getAddress() };
  const fields = [
    { name: 'round', type: 'uint32' },
    { name: 'edition', type: 'uint32' },
    { name: 'inputsRoot', type: 'bytes32' },
  ];
  const value = { round, edition: edition ?? (await federation.clock()).edition, inputsRoot };
  const attestations = await Promise.all(
    signers.map(async (signer) => ({
      signer: signer.address,
      signature: await signer.signTypedData(domain, { Attestation: fields }, value),
    })),
  );
  return attestations.sort((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
}

/** As many of the others as make a quorum together with the proposer, of those who may attest the open round. */
export async function attestedBy(
  federation: Federation,
  proposal: { round: BigNumberish; inputsRoot: BytesLike },
  signers: readonly Elector[],
  proposer: Pick<HardhatEthersSigner, 'address'>,
) {
  const quorum = await federation.attestationQuorum(proposal.round);
  let given = await federation.electorWeight(proposer.address, proposal.round);
  const needed: Elector[] = [];
  for (const signer of signers) {
    if (given >= quorum) break;
    const weight = await federation.electorWeight(signer.address, proposal.round);
    if (signer.address === proposer.address || weight === 0n) continue;
    needed.push(signer);
    given += weight;
  }
  return await attest(federation, proposal, needed);
}

/** Whose turn it is, of these. */
export async function turnHolderOf(federation: Federation, aggregators: readonly HardhatEthersSigner[]) {
  const holder = await federation.turnHolder();
  return aggregators.find(({ address }) => address === holder)!;
}

/** `proposer` proposes it, with as many of the signers' attestations as it needs. */
export async function proposeAs(
  federation: Federation,
  proposer: HardhatEthersSigner,
  proposal: ProposalStruct,
  signers: readonly Elector[],
  omitted: string[] = [],
) {
  const attestations = await attestedBy(federation, proposal, signers, proposer);
  return await federation.connect(proposer).proposeAggregate(proposal, omitted, attestations, noAnchor);
}

/** Whoever's turn it is proposes for the open round, with the attestations that it needs. */
export async function propose(federation: Federation, aggregators: readonly HardhatEthersSigner[], inputCount: number) {
  const proposal = await proposalFor(federation, inputCount);
  const proposer = await turnHolderOf(federation, aggregators);
  const response = await proposeAs(federation, proposer, proposal, aggregators);
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
