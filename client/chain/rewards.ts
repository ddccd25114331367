/** The scores and rewards of a federation as a node sees them: their state, followed by events. */
import { Contract, type JsonRpcProvider } from 'ethers';
import type { Rewards } from '../../types/ethers-contracts/index.js';
import { equalBytes } from '../core/hash.ts';
import { contractInterface } from './artifacts.ts';
import type { Addresses } from './connect.ts';
import { type ChainEvent, createEventFeed } from './events.ts';
import { explainChainFailure } from './failure.ts';
import { applyRewardEventInPlace, emptyRewardsState, type RewardsState, type Scoring } from './rewardState.ts';
import type { ProposedRound } from './rounds.ts';
import { createStatementReader } from './statedRewards.ts';

export interface RewardParametersOnChain {
  evaluatorStakeWei: bigint;
  /** What a round pays while the pool lasts. */
  rewardGwei: bigint;
  scoringSeconds: number;
  revealSeconds: number;
  publishSeconds: number;
  unbondingSeconds: number;
  committeeSize: number;
  aggregatorBasisPoints: number;
  evaluatorBasisPoints: number;
  missedRevealBasisPoints: number;
  demandBondWei: bigint;
}

export interface RewardsClient {
  readonly contract: Rewards;
  /** The state as of the last `sync`. */
  readonly state: RewardsState;
  /** Reads new events. Errors: CHAIN_UNREACHABLE (retryable). */
  sync(): Promise<RewardsState>;
  readParameters(): Promise<RewardParametersOnChain>;
}

export function openRewards(
  provider: JsonRpcProvider,
  addresses: Pick<Addresses, 'rewards'>,
  deployBlock: number,
): RewardsClient {
  const feed = createEventFeed(provider, addresses.rewards, 'Rewards', deployBlock);
  const contract = new Contract(addresses.rewards, contractInterface('Rewards'), provider) as unknown as Rewards;
  const readStatement = createStatementReader(provider);
  let state = emptyRewardsState();
  /** Events that were read and are not in the state yet. */
  const pending: ChainEvent[] = [];
  // one after the other: the feed has one cursor
  let syncing: Promise<unknown> = Promise.resolve();

  return {
    contract,
    get state() {
      return state;
    },
    sync() {
      const synced = syncing.then(async () => {
        const { events, rewound } = await feed.poll();
        if (rewound) {
          state = emptyRewardsState();
          pending.length = 0;
        }
        pending.push(...events);
        for (let event = pending[0]; event !== undefined; event = pending[0]) {
          applyRewardEventInPlace(state, event, await readStatement(event));
          pending.shift();
        }
        return state;
      });
      syncing = synced.catch(() => undefined);
      return synced;
    },
    async readParameters() {
      const p = await contract.rewardParameters().catch((cause: unknown) => {
        throw explainChainFailure(cause, 'reading the parameters of rewards');
      });
      return {
        evaluatorStakeWei: p.evaluatorStakeWei,
        rewardGwei: p.rewardGwei,
        scoringSeconds: Number(p.scoringSeconds),
        revealSeconds: Number(p.revealSeconds),
        publishSeconds: Number(p.publishSeconds),
        unbondingSeconds: Number(p.unbondingSeconds),
        committeeSize: Number(p.committeeSize),
        aggregatorBasisPoints: Number(p.aggregatorBasisPoints),
        evaluatorBasisPoints: Number(p.evaluatorBasisPoints),
        missedRevealBasisPoints: Number(p.missedRevealBasisPoints),
        demandBondWei: p.demandBondWei,
      };
    },
  };
}

/** When a round's standing proposal was made, in seconds since 1970. */
export function proposedAt({ proposed }: ProposedRound, challengeSeconds: number): number {
  return proposed.undisturbedClosesAt - challengeSeconds;
}

/** The round's scoring, if it is open for the proposal that stands. */
export function scoringOf(state: RewardsState, round: ProposedRound, challengeSeconds: number): Scoring | undefined {
  const scoring = state.scorings.get(round.number);
  const standing =
    scoring?.proposedAt === proposedAt(round, challengeSeconds) &&
    equalBytes(scoring.modelRoot, round.proposed.proposal.modelRoot);
  return standing ? scoring : undefined;
}
