/**
 * Bringing challenges and demands: announced first, so that nobody who copies one earns by it; not at all where another was
 * faster, so that several watchers do not pay for one fault twice.
 */
import { keccak256, type TransactionReceipt } from 'ethers';
import {
  type Announcement,
  announcementOf,
  encodeChallenge,
  readAnnouncements,
  readSlash,
} from '../../chain/challenges.ts';
import { explainChainFailure, revertName } from '../../chain/failure.ts';
import { transact } from '../../chain/federation.ts';
import type { ProposedAggregate } from '../../chain/rounds.ts';
import { urgently } from '../../chain/sender.ts';
import type { StatedRewards } from '../../chain/statedRewards.ts';
import type { ChallengeContractName } from '../../contracts/names.ts';
import type { Challenge, RewardChallenge } from '../../core/challenges/challenge.ts';
import type { Participant } from '../participant.ts';

/** What a challenge is about. */
export interface Disputed {
  round: number;
  /** The proposal, or the statement of rewards, that it refutes, where it refutes one. */
  proposed?: ProposedAggregate | undefined;
  stated?: StatedRewards | undefined;
  /** The block from which announcements against it can be. */
  fromBlock: number;
}

/** A call of a challenge contract. */
export interface Accusation {
  contract: ChallengeContractName;
  data: string;
  value?: bigint;
  /** What it does, for who reads that it failed. */
  step: string;
}

/** A call that was made. */
export interface Sent {
  receipt: TransactionReceipt;
  /** Gas of the announcement, 0 where it was made before. */
  announceGas: number;
}

/** `waiting`: another has announced something and may be about to bring it. `overtaken`: there is nothing left to accuse. */
export type Outcome = Sent | 'waiting' | 'overtaken';

/** What the chain answers when what is challenged stands no longer, or has been paid for. */
const overtaken = new Set(['NotProposed', 'NotStated', 'AnotherProposal', 'AlreadyFinal', 'AlreadySlashed']);

/** How long another's announcement is trusted to be followed by its challenge: in seconds, and as a share of the window. */
const trustSeconds = 20;
const trustShareOfWindow = 0.25;
/** Watchers wait for a different part of this before they announce, so that one is first. */
const staggerMs = 10_000;
/** Also no longer than it takes to see another's announcement. */
const staggerLooks = 20;
const staggerShareOfWindow = 0.15;
/** The reward's slot is not in the estimate, which is of a challenge that was not announced. */
const rewardGas = 80_000n;

/** Errors: those of `Sender.send`; TRANSACTION_REVERTED when the evidence does not hold. */
export async function bringChallenge(
  node: Participant,
  challenge: Challenge | RewardChallenge,
  disputed: Disputed,
): Promise<Outcome> {
  const { contract, method, fault } = challenge;
  const { proposed, stated } = disputed;
  const data = encodeChallenge(node.addresses, challenge, { proposal: proposed?.proposal, stated });
  const outcome = await announceAndSend(node, { contract, data, step: `proving that ${fault}` }, disputed, () =>
    node.report({ event: 'challenging', round: disputed.round, proof: method, fault }),
  );
  if (typeof outcome === 'string') return outcome;
  const { receipt, announceGas } = outcome;
  const { offender, takenWei, earnedWei } = readSlash(receipt);
  const amounts = { takenWei: String(takenWei), earnedWei: String(earnedWei) };
  const costs = { gas: Number(receipt.gasUsed), announceGas };
  node.report({ event: 'challenged', round: disputed.round, offender, proof: method, fault, ...costs, ...amounts });
  return outcome;
}

/** Errors: as `bringChallenge`. */
export async function announceAndSend(
  node: Participant,
  accusation: Accusation,
  disputed: Disputed,
  onAnnounced: () => void = () => undefined,
): Promise<Outcome> {
  const { contract, data, value = 0n, step } = accusation;
  const to = node.addresses.challenges[contract];
  const announcement = announcementOf(node.account, data);
  const before = await announcementsOf(node, disputed);
  if (isHeldUp(node, announcement, before)) return 'waiting';
  const announced = before.some((other) => other.announcement === announcement);
  if (!announced) {
    await stagger(node, announcement);
    if (isHeldUp(node, announcement, await announcementsOf(node, disputed))) return 'waiting';
  }
  try {
    const request = { to, data, value };
    const estimate = () => node.federation.provider.estimateGas({ ...request, from: node.account });
    const estimated = await estimate().catch(unlessItHolds);
    const announceGas = announced ? 0 : await announce(node, accusation, disputed.round, announcement);
    if (isHeldUp(node, announcement, await announcementsOf(node, disputed))) return 'waiting';
    onAnnounced();
    const gas = estimated ?? (await estimate());
    const receipt = await urgently(node.sender).send(step, { ...request, gasLimit: gas + rewardGas }, node.signal);
    return { receipt, announceGas };
  } catch (cause) {
    const error = explainChainFailure(cause, step);
    const revert = revertName(error) ?? '';
    if (overtaken.has(revert)) return 'overtaken';
    if (revert === 'ChallengeIsAnnounced') return 'waiting';
    throw error;
  }
}

/** Whether it was announced is what the contract asks last: who is refused for that has shown enough. */
function unlessItHolds(cause: unknown): undefined {
  if (revertName(explainChainFailure(cause, 'checking a challenge')) !== 'ChallengeIsAnnounced') throw cause;
}

/** Those that may still be followed by their challenge, oldest first. */
function announcementsOf(node: Participant, { round, fromBlock }: Disputed): Promise<Announcement[]> {
  const { federation } = node;
  return readAnnouncements(federation, round, fromBlock, federation.chainTime() - longestTrustSeconds(node));
}

function longestTrustSeconds({ parameters }: Participant): number {
  return Math.min(trustSeconds, parameters().challengeSeconds * trustShareOfWindow);
}

/** When the wait for others ends (chain time), by one's own announcement: who announces again and again holds up nobody. */
const waitsUntil = new Map<string, number>();

function isHeldUp(node: Participant, own: string, [oldest]: readonly Announcement[]): boolean {
  if (oldest === undefined || oldest.challenger === node.account) return false;
  const now = node.federation.chainTime();
  const until = waitsUntil.get(own) ?? now + longestTrustSeconds(node);
  waitsUntil.set(own, until);
  return now < until;
}

async function stagger(node: Participant, announcement: string): Promise<void> {
  const { pollMs } = node.options;
  const ofWindow = 1000 * node.parameters().challengeSeconds * staggerShareOfWindow;
  const most = Math.min(staggerMs, staggerLooks * pollMs, ofWindow);
  const part = Number.parseInt(keccak256(announcement).slice(2, 6), 16) / 0x10000;
  await new Promise((resolve) => setTimeout(resolve, part * most));
}

async function announce(node: Participant, { contract, step }: Accusation, round: number, announcement: string) {
  const args = [node.addresses.federation, round, announcement];
  const to = node.addresses.challenges[contract];
  const method = 'announceChallenge';
  const receipt = await transact(urgently(node.sender), `announcing: ${step}`, to, contract, method, args, node.signal);
  return Number(receipt.gasUsed);
}
