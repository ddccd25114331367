/** Proposals that are wrong, and what proves it. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { AbiCoder, keccak256, ZeroHash } from 'ethers';
import type { Federation } from '../../types/ethers-contracts/index.js';
import type { Challenges, Deployment, Founded } from './deployment.ts';
import { proposalFor, proposeAs, submit, turnHolderOf } from './round.ts';

export type ProposalStruct = Awaited<ReturnType<typeof proposalFor>>;
export type ChallengeContract = Challenges[keyof Challenges];

/** Whoever's turn it is proposes a model that comes from nothing: it has no columns. */
export async function proposeFault({ federation, aggregators }: Founded, inputCount: number) {
  const proposal = { ...(await proposalFor(federation, inputCount)), columnsRoot: ZeroHash };
  const proposer = await turnHolderOf(federation, aggregators);
  await proposeAs(federation, proposer, proposal, aggregators);
  return { proposal, proposer };
}

/** All trainers submit, and the round is proposed wrongly. */
export async function playFault(founded: Founded) {
  await submit(founded.federation, ...founded.trainers);
  return await proposeFault(founded, founded.trainers.length);
}

/** The calldata that proves that a proposal has no columns; `depth` is that of their tree. */
export async function faultProof({ challenges, federation }: Deployment, proposal: ProposalStruct, depth = 4) {
  const path = Array.from({ length: depth }, () => ZeroHash);
  const address = await federation.getAddress();
  return challenges.aggregate.interface.encodeFunctionData('refuteColumnShape', [address, proposal, 0, ZeroHash, path]);
}

export function announcementOf(challenger: string, data: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], [challenger, keccak256(data)]));
}

export async function announce(
  contract: ChallengeContract,
  federation: Federation,
  round: bigint | number,
  challenger: HardhatEthersSigner,
  data: string,
): Promise<void> {
  await contract.connect(challenger).announceChallenge(federation, round, announcementOf(challenger.address, data));
}

/** Sends calldata to a challenge contract. */
export async function send(contract: ChallengeContract, challenger: HardhatEthersSigner, data: string) {
  return await challenger.sendTransaction({ to: await contract.getAddress(), data });
}

/** Voids such a proposal; nobody is rewarded. */
export async function voidFault(founded: Founded, proposal: ProposalStruct, challenger = founded.stranger) {
  return await send(founded.challenges.aggregate, challenger, await faultProof(founded, proposal));
}

/** The federation, as one of its challenge contracts. */
export async function asChallenges({ ethers, challenges, networkHelpers, federation }: Founded): Promise<Federation> {
  const address = await challenges.inputs.getAddress();
  await networkHelpers.setBalance(address, 10n ** 18n);
  return federation.connect(await ethers.getImpersonatedSigner(address));
}

export async function clockOf({ federation }: Founded) {
  const { round, baseRound, submissionDeadline } = await federation.clock();
  return { round: Number(round), baseRound: Number(baseRound), submissionDeadline: Number(submissionDeadline) };
}
