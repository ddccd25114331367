/** Every number that led to what an account earned in a round, checked against the chain. */
import { getAddress, isAddress } from 'ethers';
import type { RewardsClient } from '../chain/rewards.ts';
import type { StatedRewards } from '../chain/statedRewards.ts';
import { TributaryError } from '../core/errors.ts';
import { type Explanation, explainReward } from '../core/rewards/explain.ts';
import { createFateReader, type Fate, standing } from '../participant/rewards/ledger.ts';
import { createScoresCollector } from '../participant/rewards/scores.ts';
import { type CheckedStatement, checkStatement } from '../participant/rewards/statedSettlement.ts';
import type { Followed } from './connect.ts';

/** For all scores. */
const fetchTimeoutMs = 60_000;

/** What an account has earned in a round, why, and whether the chain bears it out. */
export interface ExplainedReward {
  account: string;
  stated: StatedRewards;
  fate: Fate;
  explanation: Explanation;
  checked: CheckedStatement;
}

/** `wanted.round` as a person writes it. Errors: CONFIG_INVALID, and those of the nodes that serve scores. */
export async function explainRewards(
  { federation, rewards }: Followed,
  wanted: { round: string; account: string },
): Promise<ExplainedReward> {
  const stated = chooseStatement(rewards, wanted.round);
  const { account, place } = chooseAccount(rewards, wanted.account);
  const rewardParameters = rewards.parametersOf(stated.round);
  const signal = AbortSignal.timeout(fetchTimeoutMs);
  const { read } = createScoresCollector({
    federation,
    rewards,
    rewardParametersOf: rewards.parametersOf,
    account: '',
    documents: new Map(),
    signal,
  });
  const checked = await checkStatement({ federation, rewards, rewardParameters }, stated, place, read);
  const explanation = explainReward(checked.settlement, place);
  return { account, stated, fate: createFateReader(rewards.state)(stated), explanation, checked };
}

/** Errors: COMMITMENT_MISMATCH where the chain says otherwise than the reward statement. */
export function requireRight({ stated, checked }: ExplainedReward): void {
  const failed = checked.checks.find(({ holds }) => holds === false);
  if (failed === undefined) return;
  throw new TributaryError(
    'COMMITMENT_MISMATCH',
    `The rewards that ${stated.proposer} stated for round ${stated.round} are wrong: it does not hold that ${failed.claim}.`,
  );
}

/** Errors: CONFIG_INVALID. */
function chooseStatement({ state }: Pick<RewardsClient, 'state'>, wanted: string): StatedRewards {
  const stated = state.statements.get(/^\d+$/.test(wanted) ? Number(wanted) : 0);
  if (stated !== undefined) return stated;
  const known = standing(state).map(({ round }) => round);
  throw new TributaryError(
    'CONFIG_INVALID',
    `--round: "${wanted}" is not a round whose rewards were stated: ${known.join(', ') || 'none is yet'}.`,
    { args: { field: '--round' } },
  );
}

/** Errors: CONFIG_INVALID. */
function chooseAccount({ state }: Pick<RewardsClient, 'state'>, wanted: string): { account: string; place: number } {
  const account = isAddress(wanted) ? getAddress(wanted) : undefined;
  const known = account === undefined ? undefined : state.accounts.get(account);
  if (account !== undefined && known !== undefined) return { account, place: known.place };
  const reason = account === undefined ? 'is not an address: 0x and 40 hex digits' : 'has no account';
  throw new TributaryError('CONFIG_INVALID', `--trainer: "${wanted}" ${reason}.`, { args: { field: '--trainer' } });
}
