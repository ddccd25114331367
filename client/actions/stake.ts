/** Stake of an account, by role: depositing, unbonding, withdrawing. Amounts in wei. */
import {
  depositStake,
  leaveRole,
  readPosition,
  requestUnbond,
  type StakeRole,
  stakedFor,
  withdrawStake,
} from '../chain/stake.ts';
import type { Signed } from './connect.ts';

/** Answers what is bonded then. Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function stake(signed: Signed, role: StakeRole, amountWei: bigint): Promise<bigint> {
  const holder = stakedFor(signed.federation.addresses, role);
  await depositStake(signed, holder, amountWei);
  return (await readPosition(signed, holder)).bondedWei;
}

/** Stake that is on its way out. */
export interface Unbonding {
  amountWei: bigint;
  /** When it can be withdrawn, in seconds since 1970. */
  releaseAt: number;
}

/**
 * All that is bonded where no amount is named; `leave` gives up the role first.
 * Errors: NOT_ELIGIBLE where it is not there or a role still needs it, and those of `Sender.send`.
 */
export async function unstake(
  signed: Signed,
  role: StakeRole,
  { amountWei, leave = false }: { amountWei?: bigint | undefined; leave?: boolean | undefined } = {},
): Promise<Unbonding> {
  const holder = stakedFor(signed.federation.addresses, role);
  if (leave) await leaveRole(signed, role);
  const wanted = amountWei ?? (await readPosition(signed, holder)).bondedWei;
  return { amountWei: wanted, releaseAt: await requestUnbond(signed, holder, wanted) };
}

/** Answers what was paid out. Errors: NOT_ELIGIBLE where nothing is unbonding, or it is too early, and those of `Sender.send`. */
export async function withdraw(signed: Signed, role: StakeRole): Promise<bigint> {
  const holder = stakedFor(signed.federation.addresses, role);
  const { unbondingWei } = await readPosition(signed, holder);
  await withdrawStake(signed, holder);
  return unbondingWei;
}
