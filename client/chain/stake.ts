/** Stake of an account: where it lies for each role, and the transactions on it. Amounts in wei. */
import { formatEther } from 'ethers';
import { contractInterface, type MethodName } from '../contracts/contracts.ts';
import { TributaryError } from '../core/errors.ts';
import type { Addresses } from './connect.ts';
import { explainChainFailure, refusal } from './failure.ts';
import { type FederationClient, transact } from './federation.ts';
import type { Sender } from './sender.ts';

export const stakeRoles = ['trainer', 'aggregator', 'evaluator'] as const;
export type StakeRole = (typeof stakeRoles)[number];

/** Who acts, and on what. */
export interface Staker {
  federation: Pick<FederationClient, 'contracts' | 'addresses'>;
  sender: Sender;
  signal?: AbortSignal;
}

/** The contract that can slash the stake of a role: trainers and aggregators share the federation's, evaluators stake for the rewards. */
export function stakedFor({ federation, rewards }: Addresses, role: StakeRole): string {
  return role === 'evaluator' ? rewards : federation;
}

export interface Position {
  bondedWei: bigint;
  unbondingWei: bigint;
}

/** Errors: CHAIN_UNREACHABLE. */
export async function readPosition({ federation, sender }: Staker, holder: string): Promise<Position> {
  const { stake } = federation.contracts;
  try {
    const [bondedWei, unbondingWei] = await Promise.all([
      stake.bondedWei(holder, sender.address),
      stake.unbondingWei(holder, sender.address),
    ]);
    return { bondedWei, unbondingWei };
  } catch (cause) {
    throw explainChainFailure(cause, 'reading the stake');
  }
}

/** Lets `spender` take so many tokens. Errors: NOT_ELIGIBLE where there are too few, and those of `Sender.send`. */
export async function approveTokens(
  staker: Staker,
  spender: string,
  amountWei: bigint,
  purpose: string,
): Promise<void> {
  const { federation, sender, signal } = staker;
  const { address } = sender;
  let balance: bigint;
  try {
    balance = await federation.contracts.token.balanceOf(address);
  } catch (cause) {
    throw explainChainFailure(cause, 'reading the balance');
  }
  const { token } = federation.addresses;
  if (balance < amountWei) {
    throw new TributaryError(
      'NOT_ELIGIBLE',
      `${purpose} takes ${formatEther(amountWei)} tokens, but ${address} has ${formatEther(balance)}: send it the rest (token ${token}).`,
      { args: { amountWei, balanceWei: balance } },
    );
  }
  await transact(sender, `approving: ${purpose}`, token, 'TributaryToken', 'approve', [spender, amountWei], signal);
}

/** Errors: NOT_ELIGIBLE, and those of `Sender.send`. */
export async function depositStake(staker: Staker, holder: string, amountWei: bigint): Promise<void> {
  const { stake } = staker.federation.addresses;
  await approveTokens(staker, stake, amountWei, 'The stake');
  await callStake(staker, 'depositing the stake', 'deposit', [holder, amountWei]);
}

const leaving = {
  trainer: { contract: 'Federation', method: 'leaveAsTrainer' },
  aggregator: { contract: 'Federation', method: 'leaveAsAggregator' },
  evaluator: { contract: 'Rewards', method: 'leaveAsEvaluator' },
} as const;

/** Errors: NOT_ELIGIBLE where the account does not have the role, and those of `Sender.send`. */
export async function leaveRole({ federation, sender, signal }: Staker, role: StakeRole): Promise<void> {
  const { contract, method } = leaving[role];
  try {
    await transact(sender, 'leaving', stakedFor(federation.addresses, role), contract, method, [], signal);
  } catch (error) {
    const article = role === 'trainer' ? 'a' : 'an';
    const sentence = () => `${sender.address} is not ${article} ${role}: unstake without --leave.`;
    throw refusal(error, { NotATrainer: sentence, NotAnAggregator: sentence, NotAnEvaluator: sentence });
  }
}

/**
 * Answers when it can be withdrawn, in seconds since 1970.
 * Errors: NOT_ELIGIBLE where it is not there or a role still needs it, and those of `Sender.send`.
 */
export async function requestUnbond(staker: Staker, holder: string, amountWei: bigint): Promise<number> {
  const { bondedWei } = await readPosition(staker, holder);
  if (amountWei > bondedWei) {
    const message = `Only ${tokens(bondedWei)} tokens are bonded: unstake at most that.`;
    throw new TributaryError('NOT_ELIGIBLE', message, { args: { amountWei, bondedWei } });
  }
  try {
    const { logs } = await callStake(staker, 'unbonding the stake', 'requestUnbond', [holder, amountWei]);
    const event = logs
      .map((log) => contractInterface('Stake').parseLog(log))
      .find((log) => log?.name === 'UnbondRequested');
    return Number(event!.args.releaseAt);
  } catch (error) {
    throw refusal(error, {
      ZeroAmount: () => 'Nothing is bonded: there is nothing to unstake.',
      StakeRequired: ({ requiredWei }) =>
        `The account's roles need ${tokens(requiredWei)} tokens: unstake less, or leave the role with --leave.`,
    });
  }
}

/** Errors: NOT_ELIGIBLE where nothing is unbonding, or it is too early, and those of `Sender.send`. */
export async function withdrawStake(staker: Staker, holder: string): Promise<void> {
  try {
    await callStake(staker, 'withdrawing the stake', 'withdraw', [holder]);
  } catch (error) {
    throw refusal(error, {
      ZeroAmount: () => 'Nothing is unbonding: unstake first.',
      StillUnbonding: ({ releaseAt }) =>
        `The stake is unbonding until ${new Date(1000 * Number(releaseAt)).toISOString()}: withdraw it then.`,
      StakeLocked: ({ vouchedRound }) =>
        `The account has taken part in round ${vouchedRound}, which is not settled yet: withdraw after it.`,
    });
  }
}

function callStake(
  { federation, sender, signal }: Staker,
  step: string,
  method: MethodName<'Stake'>,
  args: readonly unknown[],
) {
  return transact(sender, step, federation.addresses.stake, 'Stake', method, args, signal);
}

function tokens(wei: unknown): string {
  return formatEther(wei as bigint);
}
