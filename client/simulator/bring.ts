import { AbiCoder } from 'ethers';
import { contractInterface } from '../contracts/contracts.ts';
import type { Challenge, RewardChallenge } from '../core/challenges/challenge.ts';
import { fromHex, keccak256, toHex } from '../core/hash.ts';
import type { Member, SimulatedFederation } from './federation.ts';

/** Announces a challenge, so that its sender is paid, and sends it. Errors: TRANSACTION_REVERTED. */
export async function bring(
  federation: SimulatedFederation,
  watchtower: Member,
  round: number,
  challenge: Challenge | RewardChallenge,
  against: readonly unknown[],
): Promise<void> {
  const contract = federation.contracts[challenge.contract];
  const data = contractInterface(contract.name).encodeFunctionData(challenge.method, [...against, ...challenge.args]);
  const words = [watchtower.address, toHex(keccak256(fromHex(data)))];
  const announcement = keccak256(fromHex(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], words)));
  const rounds = federation.contracts.Federation.address;
  await federation.send(watchtower.address, contract, 'announceChallenge', [rounds, round, toHex(announcement)]);
  await federation.sendData(watchtower.address, contract, data);
}
