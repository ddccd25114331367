/** Adds tokens to the pool that rewards are paid from; they do not come back, and give votes for a time. */
import { transact } from '../chain/federation.ts';
import { approveTokens } from '../chain/stake.ts';
import { contractInterface } from '../contracts/contracts.ts';
import type { Signed } from './connect.ts';

/** What funding has given: votes, and until when. */
export interface Funded {
  votesWei: bigint;
  /** Seconds since 1970. */
  votesExpireAt: number;
  /** What is in the pool now and nobody is owed. */
  poolGwei: bigint;
}

/** Errors: NOT_ELIGIBLE (too few tokens), and those of `Sender.send`. */
export async function fundPool(signed: Signed, amountWei: bigint): Promise<Funded> {
  const { federation, rewards, sender } = signed;
  const { votingPower } = federation.addresses.governance;
  const pool = federation.addresses.rewards;
  await approveTokens(signed, votingPower, amountWei, 'The pool');
  const { logs } = await transact(sender, 'funding the pool', votingPower, 'VotingPower', 'fund', [pool, amountWei]);
  const funded = logs
    .map((log) => contractInterface('VotingPower').parseLog(log))
    .find((log) => log?.name === 'PoolFundedForVotes');
  const { votesWei, expiresAt } = funded!.args;
  const [fundedGwei, allocatedGwei] = await rewards.contract.pool();
  return { votesWei: votesWei as bigint, votesExpireAt: Number(expiresAt), poolGwei: fundedGwei - allocatedGwei };
}
