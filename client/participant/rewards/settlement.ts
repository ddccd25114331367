/**
 * What a reward statement must be: the settlement of its round, from the chain and the scores that its evaluators have shown. All
 * balances before it follow from the statements before it, which stand on chain whole.
 */
import { getAddress } from 'ethers';
import pLimit from 'p-limit';
import { explainChainFailure } from '../../chain/failure.ts';
import type { FederationClient } from '../../chain/federation.ts';
import type { RewardParametersOnChain } from '../../chain/parameters.ts';
import type { RewardsClient } from '../../chain/rewards.ts';
import type { StatedRewards } from '../../chain/statedRewards.ts';
import { TributaryError } from '../../core/errors.ts';
import { type Hash, toHex } from '../../core/hash.ts';
import type { Balances } from '../../core/rewards/balances.ts';
import type { OpenedScores } from '../../core/rewards/challenges.ts';
import type { EvaluatorReveal, ScoredTrainer } from '../../core/rewards/roundScores.ts';
import { type Settlement, settleRound } from '../../core/rewards/settle.ts';

const weiPerToken = 10n ** 18n;
const readsAtOnce = 16;

export interface ChainView {
  federation: Pick<FederationClient, 'contracts' | 'addresses'>;
  rewards: Pick<RewardsClient, 'contract' | 'state'>;
}

/** Undefined where nobody shows them. */
export type ScoresReader = (round: number, evaluator: string, scoresRoot: Hash) => Promise<OpenedScores | undefined>;

/** A round as its rewards see it. */
export interface RewardedRound {
  round: number;
  aggregator: string;
  /** When the proposal was made that is scored, in seconds since 1970. */
  proposedAt: number;
  /** Accounts with a place below it are scored; accounts that have a balance. */
  scoredAccounts: number;
  accounts: number;
  /** What the pool has for it. */
  availableGwei: bigint;
  /** Who took part, with the index among the inputs. */
  inputs: readonly { trainer: string; inputIndex: number }[];
}

export interface SettledRound {
  settlement: Settlement;
  /** Scores that were shown and are not as many as the scored trainers. */
  miscounted: readonly OpenedScores[];
}

/** Scores that an evaluator has shown, and that count. */
export interface CountedScores extends OpenedScores {
  scoresRoot: Hash;
}

/** Errors: CHAIN_UNREACHABLE. */
export async function settle(
  view: ChainView,
  given: RewardedRound,
  previous: Balances,
  terms: RewardParametersOnChain,
  counted: readonly CountedScores[],
): Promise<SettledRound> {
  const trainers = await scoredTrainers(view, given);
  const right = counted.filter(({ scores }) => scores.length === trainers.length);
  const { rewardGwei, aggregatorBasisPoints, evaluatorBasisPoints } = terms;
  const settlement = settleRound({
    round: given.round,
    trainers,
    evaluators: await withStakes(view, given, right),
    terms: { rewardGwei, availableGwei: given.availableGwei, aggregatorBasisPoints, evaluatorBasisPoints },
    aggregatorPlace: placeBelow(view, given.aggregator, given.accounts),
    accounts: given.accounts,
    previous,
  });
  return { settlement, miscounted: counted.filter((scores) => !right.includes(scores)) };
}

/**
 * Of a round whose statement is not final yet: what was shown and counts.
 * Errors: BLOB_UNAVAILABLE (retryable) where scores that count are shown by nobody; CHAIN_UNREACHABLE.
 */
export async function readCountedScores(
  { rewards: { contract, state } }: Pick<ChainView, 'rewards'>,
  { round, proposedAt }: Pick<RewardedRound, 'round' | 'proposedAt'>,
  readScores: ScoresReader,
): Promise<CountedScores[]> {
  const limit = pLimit(readsAtOnce);
  const counted = await Promise.all(
    [...(state.revealed.get(round) ?? [])].map(([evaluator, scoresRoot]) =>
      limit(async () => {
        if (!(await ask(() => contract.counts(round, proposedAt, evaluator, toHex(scoresRoot))))) return [];
        const opened = await readScores(round, evaluator, scoresRoot);
        if (opened !== undefined) return [{ ...opened, evaluator, scoresRoot }];
        const message = `The scores of evaluator ${evaluator} in round ${round} count, and nobody that this node has asked shows them: try again later.`;
        throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
      }),
    ),
  );
  return counted.flat();
}

/** What a statement that was made is to be settled from; `inputs` are those of its round. */
export function statedRound({ facts, statement }: StatedRewards, inputs: RewardedRound['inputs']): RewardedRound {
  const { round, aggregator, proposedAt, scoredAccounts, accounts } = facts;
  // the contract has seen to it that this is what the round pays
  return { round, aggregator, proposedAt, scoredAccounts, accounts, availableGwei: statement.paidGwei, inputs };
}

async function scoredTrainers(view: ChainView, given: RewardedRound): Promise<ScoredTrainer[]> {
  const scored = given.inputs.flatMap(({ trainer, inputIndex }) => {
    const place = placeBelow(view, trainer, given.scoredAccounts);
    return place === undefined ? [] : [{ trainer, inputIndex, place }];
  });
  const { federation } = view.federation.addresses;
  const limit = pLimit(readsAtOnce);
  const trainers = await Promise.all(
    scored.map((trainer) =>
      limit(async () => ({ ...trainer, stakeTokens: await stakeTokens(view, federation, trainer.trainer, given) })),
    ),
  );
  return trainers.sort((a, b) => a.place - b.place);
}

function withStakes(
  view: ChainView,
  given: RewardedRound,
  counted: readonly CountedScores[],
): Promise<EvaluatorReveal[]> {
  const { rewards } = view.federation.addresses;
  const limit = pLimit(readsAtOnce);
  return Promise.all(
    counted.map((scores) =>
      limit(async () => ({
        ...scores,
        place: placeBelow(view, scores.evaluator, given.accounts),
        stakeTokens: await stakeTokens(view, rewards, scores.evaluator, given),
      })),
    ),
  );
}

/** What was bonded when the round was proposed. */
async function stakeTokens(
  { federation }: ChainView,
  holder: string,
  account: string,
  { proposedAt }: RewardedRound,
): Promise<bigint> {
  const wei = await ask(() => federation.contracts.stake.bondedWeiAt(holder, account, proposedAt));
  return wei / weiPerToken;
}

function placeBelow({ rewards }: ChainView, account: string, accounts: number): number | undefined {
  const place = rewards.state.accounts.get(getAddress(account))?.place;
  return place === undefined || place >= accounts ? undefined : place;
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    throw explainChainFailure(cause, 'reading scores and stakes');
  }
}
