/** Challenges as transactions, and who has announced which. See contracts/interfaces/IChallenges.sol. */
import { AbiCoder, keccak256, type TransactionReceipt } from 'ethers';
import { contractInterface } from '../contracts/contracts.ts';
import { challengeContracts } from '../contracts/names.ts';
import type { Challenge, RewardChallenge } from '../core/challenges/challenge.ts';
import { lagsBehind } from './attempts.ts';
import type { Addresses } from './connect.ts';
import { explainChainFailure } from './failure.ts';
import { type FederationClient, structArgument } from './federation.ts';
import { readLogs } from './logs.ts';
import type { ChainProvider } from './provider.ts';
import type { Proposal } from './rounds.ts';
import type { StatedRewards } from './statedRewards.ts';

/** What a challenge refutes. */
export interface Refuted {
  proposal?: Proposal | undefined;
  stated?: StatedRewards | undefined;
}

/** The calldata of a challenge. */
export function encodeChallenge(
  addresses: Addresses,
  challenge: Challenge | RewardChallenge,
  refuted: Refuted = {},
): string {
  const args = [...argumentsBefore(addresses, challenge, refuted), ...challenge.args];
  return contractInterface(challenge.contract).encodeFunctionData(challenge.method, args);
}

function argumentsBefore(
  { federation, rewards }: Addresses,
  { against }: Challenge | RewardChallenge,
  { proposal, stated }: Refuted,
): unknown[] {
  switch (against) {
    case 'proposal':
      return [federation, structArgument(proposal!)];
    case 'account':
      return [federation];
    case 'statement':
      return [rewards, structArgument(stated!.facts), structArgument(stated!.statement)];
  }
}

/** `announcementOf` of the challenge contracts. */
export function announcementOf(challenger: string, data: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], [challenger, keccak256(data)]));
}

/** A challenge that somebody has announced; `announcement` is a hash, `0x…`. */
export interface Announcement {
  challenger: string;
  announcement: string;
  /** Seconds since 1970, by the chain's clock. */
  at: number;
}

/** Announcements against a round since a block that are not older than `since`, oldest first. Errors: CHAIN_UNREACHABLE. */
export async function readAnnouncements(
  federation: FederationClient,
  round: number,
  fromBlock: number,
  since: number,
): Promise<Announcement[]> {
  const { provider, addresses } = federation;
  const abi = contractInterface('AggregateChallenges');
  const topics = abi.encodeFilterTopics('ChallengeAnnounced', [addresses.federation, round]);
  const address = challengeContracts.map((name) => addresses.challenges[name]);
  const times = new Map<number, number>();
  const announcements: Announcement[] = [];
  try {
    const logs = await readLogs(provider, { address, topics }, fromBlock, await provider.getBlockNumber());
    // from the newest back: whatever number there is of old ones, their blocks are not asked for
    for (const log of logs.reverse()) {
      const at = times.get(log.blockNumber) ?? (await timeOf(provider, log.blockNumber));
      times.set(log.blockNumber, at);
      if (at < since) break;
      const { args } = abi.parseLog(log)!;
      announcements.unshift({ challenger: args.challenger, announcement: args.announcement, at });
    }
    return announcements;
  } catch (cause) {
    throw explainChainFailure(cause, `reading the announcements against round ${round}`);
  }
}

/** Errors: CHAIN_UNREACHABLE (retryable). */
async function timeOf(provider: ChainProvider, number: number): Promise<number> {
  const block = await provider.getBlock(number);
  if (block === null) throw lagsBehind('eth_getBlockByNumber', number);
  return block.timestamp;
}

/** What a challenge took from the offender, and what its challenger earned of it, in wei. */
export function readSlash(receipt: TransactionReceipt): { offender: string; takenWei: bigint; earnedWei: bigint } {
  let [offender, takenWei, earnedWei] = ['', 0n, 0n];
  for (const log of receipt.logs) {
    const parsed = contractInterface('Stake').parseLog(log);
    if (parsed?.name !== 'StakeSlashed') continue;
    offender = parsed.args.account as string;
    takenWei += parsed.args.amountWei as bigint;
    earnedWei += parsed.args.challengerWei as bigint;
  }
  return { offender, takenWei, earnedWei };
}
