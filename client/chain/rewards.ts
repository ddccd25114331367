/** The scores and rewards of a federation as a node sees them: their state, followed by events. */

import { type ContractReader, readContract } from '../contracts/contracts.ts';
import { equalBytes } from '../core/hash.ts';
import type { RewardStatement } from '../core/rewards/statement.ts';
import type { Addresses } from './connect.ts';
import { type ChainEvent, createEventFeed, createFolding } from './events.ts';
import type { RewardParametersOnChain } from './parameters.ts';
import type { ChainProvider } from './provider.ts';
import {
  applyRewardEventInPlace,
  emptyRewardsState,
  type RewardsState,
  rewardParametersOf,
  type Scoring,
} from './rewardState.ts';
import type { ProposedRound } from './rounds.ts';
import { shared } from './shared.ts';
import { createStatementReader } from './statedRewards.ts';

/** The rewards of a federation as their events tell them. */
export interface RewardsClient {
  readonly contract: ContractReader<'Rewards'>;
  /** The state as of the last `sync`. */
  readonly state: RewardsState;
  /** Reads new events. Errors: CHAIN_UNREACHABLE (retryable). */
  sync(): Promise<RewardsState>;
  /** Those of a round, or of the rounds to come; as of the last `sync`. */
  parametersOf(round?: number): RewardParametersOnChain;
}

/** Follows a federation's rewards from the block in which they were deployed. The state is empty until the first `sync`. */
export function openRewards(
  provider: ChainProvider,
  addresses: Pick<Addresses, 'rewards'>,
  deployBlock: number,
): RewardsClient {
  const feed = createEventFeed(provider, addresses.rewards, 'Rewards', deployBlock);
  const contract = readContract('Rewards', addresses.rewards, provider);
  const readStatement = createStatementReader(provider);
  const fold = createFolding(feed);
  let state = emptyRewardsState();
  /** Events that are not in the state yet; those of `told` with the statement behind them. */
  const pending: ChainEvent<'Rewards'>[] = [];
  const told: { event: ChainEvent<'Rewards'>; statement: RewardStatement | undefined }[] = [];
  let anew = false;
  // one after the other: the feed has one cursor
  const sync = shared(async () => {
    const { events, rewound } = await feed.poll();
    if (rewound) {
      anew = true;
      pending.length = 0;
      told.length = 0;
    }
    pending.push(...events);
    for (let event = pending[0]; event !== undefined; event = pending[0]) {
      told.push({ event, statement: await readStatement(event) });
      pending.shift();
    }
    // all at once: nobody must see a part of it
    if (anew) state = emptyRewardsState();
    anew = false;
    fold(() => {
      for (const { event, statement } of told.splice(0)) applyRewardEventInPlace(state, event, statement);
    });
    return state;
  });

  return {
    contract,
    get state() {
      return state;
    },
    sync,
    parametersOf: (round) => rewardParametersOf(state, round),
  };
}

/** The round's scoring, if it is open for the proposal that stands. */
export function scoringOf(state: RewardsState, round: ProposedRound): Scoring | undefined {
  const scoring = state.scorings.get(round.number);
  const standing =
    scoring?.proposedAt === round.proposed.proposedAt &&
    equalBytes(scoring.modelRoot, round.proposed.proposal.modelRoot);
  return standing ? scoring : undefined;
}
