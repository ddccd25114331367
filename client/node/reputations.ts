/** The reputations that a proposal names, from the balances that statements of rewards have led to. */
import { getAddress } from 'ethers';
import type { RewardsClient } from '../chain/rewards.ts';
import type { StatedRewards } from '../chain/statedRewards.ts';
import { TributaryError } from '../core/errors.ts';
import { type Hash, toHex } from '../core/hash.ts';
import { balancesRootOf } from '../core/rewards/balances.ts';
import { createReputations, isNamed, type Reputations, readReputations } from '../core/rewards/reputations.ts';
import { keepNewestInPlace } from './keepNewest.ts';
import { createLedger, standing } from './settlement.ts';

/**
 * Takes the word that says which; undefined where every update weighs what it declares. Errors: BLOB_UNAVAILABLE (retryable) where the
 * chain has not shown those balances yet; COMMITMENT_MISMATCH where they are not those of their statements; CHAIN_UNREACHABLE.
 */
export type ReputationsReader = (word: Hash) => Promise<Reputations | undefined>;

/** Words whose reputations stay in memory. */
const remembered = 8;

export function createReputationsReader(
  rewards: Pick<RewardsClient, 'state' | 'contract' | 'sync'>,
): ReputationsReader {
  const ledger = createLedger({ rewards });
  const known = new Map<string, Reputations>();

  async function find(word: Hash): Promise<Reputations | undefined> {
    const named = readReputations(word);
    if (named === undefined) return undefined;
    const isFinal = ({ final, facts, statement }: StatedRewards) =>
      final && isNamed(named, facts.accounts, balancesRootOf(statement.pageRoots));
    // the federation may have been read up to a later block
    const stated = standing(rewards.state).findLast(isFinal) ?? standing(await rewards.sync()).findLast(isFinal);
    if (stated === undefined) {
      const message = `The balances ${toHex(word)}, which weigh the inputs, are not on the chain yet as this node sees it.`;
      throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
    }
    const { balances, follows } = ledger.at(stated.round);
    if (!follows) {
      const message = `The balances that were stated for round ${stated.round} do not follow from its scores: nobody can tell what the updates weigh.`;
      throw new TributaryError('COMMITMENT_MISMATCH', message, { args: { round: stated.round } });
    }
    const placeOf = (trainer: string) => rewards.state.accounts.get(getAddress(trainer))?.place;
    return createReputations(named.floorBasisPoints, balances, placeOf);
  }

  return async (word) => {
    const key = toHex(word);
    const reputations = known.get(key) ?? (await find(word));
    if (reputations !== undefined) known.set(key, reputations);
    keepNewestInPlace(known, remembered);
    return reputations;
  };
}
