/** What a demand asks for, found from the inputs of its round or, where it is an update that is to be opened, from that alone. */

import type { Demand } from '../chain/openings.ts';
import type { ProposedRound } from '../chain/rounds.ts';
import type { Aggregate } from '../core/aggregate.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { keepNewestInPlace } from '../participant/keepNewest.ts';
import type { Participant } from '../participant/participant.ts';
import type { Models } from '../participant/rounds/models.ts';
import { fetchInputs, recompute } from '../participant/rounds/recompute.ts';
import { createUpdates } from '../participant/rounds/updates.ts';
import { type Answer, answerDemand, answerUpdateDemand } from './openings.ts';

/** Results kept for further demands. */
const remembered = 2;
/** How long one look for an update may hold up other answers. */
const longestFetchMs = 2000;

/** Undefined where it can never be answered. Errors: BLOB_UNAVAILABLE (retryable). */
type Find = (round: ProposedRound, demand: Demand) => Promise<Answer | undefined>;

export function createFinding(node: Participant, models: Models): Find {
  const { federation } = node;
  const results = new Map<string, Aggregate>();

  async function findNodes(round: ProposedRound, demand: Demand): Promise<Answer | undefined> {
    const right = await resultOf(round, demand);
    return right === undefined ? undefined : answerDemand(right, round, demand);
  }

  /** Whatever else is right: it needs that update alone. Errors: BLOB_UNAVAILABLE (retryable). */
  async function findUpdate(round: ProposedRound, demand: Demand): Promise<Answer | undefined> {
    const updates = createUpdates(node, round);
    await updates.fetch([...round.submissions.values()], untilMs(demand));
    const found = answerUpdateDemand(updates.verified.values(), round.proposed.proposal, demand);
    const isWhole = updates.verified.size + updates.wrong.size === round.submissions.size;
    if (found === undefined && !isWhole) {
      const message = `No update of round ${round.number} that can be fetched now has the root ${toHex(demand.node.hash)}.`;
      throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
    }
    return found;
  }

  function untilMs({ answerBy }: Demand): number {
    return Date.now() + Math.min(longestFetchMs, (answerBy - federation.chainTime()) * 1000);
  }

  async function resultOf(round: ProposedRound, demand: Demand): Promise<Aggregate | undefined> {
    const { id } = round.proposed;
    const known = results.get(id);
    if (known !== undefined) return known;
    const updates = createUpdates(node, round);
    await fetchInputs(round, updates, untilMs(demand));
    const recomputed = await recompute(node, models, round, updates);
    if (recomputed === undefined) return undefined;
    const { right } = recomputed;
    results.set(id, right);
    keepNewestInPlace(results, remembered);
    return right;
  }

  return (round, demand) => (demand.tree === 'update' ? findUpdate(round, demand) : findNodes(round, demand));
}
