/** The reputations that a proposal names, from the balances that statements of rewards have led to. */
import { getAddress } from 'ethers';
import type { RewardsClient } from '../../chain/rewards.ts';
import type { StatedRewards } from '../../chain/statedRewards.ts';
import { TributaryError } from '../../core/errors.ts';
import { type Hash, toHex } from '../../core/hash.ts';
import { balancesRootOf } from '../../core/rewards/balances.ts';
import { createReputations, isNamed, type Reputations, readReputations } from '../../core/rewards/reputations.ts';
import { keepNewestInPlace } from '../keepNewest.ts';
import { type Ledger, standing } from './ledger.ts';

/**
 * Takes the word that says which; undefined where every update weighs what it declares. Errors: BLOB_UNAVAILABLE (retryable) where the
 * chain has not shown those balances yet; COMMITMENT_MISMATCH (retryable) where they are not those of their statements; CHAIN_UNREACHABLE.
 */
export type ReputationsReader = (word: Hash) => Promise<Reputations | undefined>;

/** Words whose reputations stay in memory. */
const remembered = 8;

/** Reads from the ledger, and synchronises `rewards` where the statement is not known yet. */
export function createReputationsReader({
  rewards,
  ledger,
}: {
  rewards: Pick<RewardsClient, 'state' | 'sync'>;
  ledger: Ledger;
}): ReputationsReader {
  const known = new Map<string, Reputations>();

  async function find(word: Hash): Promise<Reputations | undefined> {
    const named = readReputations(word);
    if (named === undefined) return undefined;
    const isFinal = ({ final, facts, statement }: StatedRewards) =>
      final && isNamed(named, facts.accounts, balancesRootOf(statement.pageRoots));
    // the federation may have been read up to a later block
    if (!standing(rewards.state).some(isFinal)) await rewards.sync();
    const stated = standing(rewards.state).filter(isFinal);
    const newest = stated.at(-1);
    if (newest === undefined) {
      const message = `The balances ${toHex(word)}, which weigh the inputs, are not on the chain yet as this node sees it.`;
      throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
    }
    // a wrong statement may repeat balances that are known
    const known = stated.findLast(({ round }) => ledger.follows(round));
    if (known === undefined) {
      const message = `The balances that were stated for round ${newest.round} do not follow from its scores: nobody can tell what the updates weigh. The round is skipped long after its deadline, and the next one does without them.`;
      throw new TributaryError('COMMITMENT_MISMATCH', message, { args: { round: newest.round }, retryable: true });
    }
    const { balances } = ledger.at(known.round);
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
