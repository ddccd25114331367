/** A watchtower recomputes every proposal with the aggregator's own code, from the updates themselves. */
import { finalCount, type ProposedAggregate, proposedRounds, type Round } from '../chain/rounds.ts';
import { type Aggregate, aggregate } from '../core/aggregate.ts';
import { cidFromDigest } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';
import { decodeInputsList, inputsListBytes } from '../core/inputs.ts';
import { runLoop } from '../node/loop.ts';
import { createModels } from '../node/models.ts';
import { fetchTimeoutMs, type Node, peerEndpoints, withFetchTimeout } from '../node/node.ts';
import { createUpdates } from '../node/updates.ts';

type ProposedRound = Round & { proposed: ProposedAggregate };

/** Runs until the rounds asked for are final and checked, or for ever. */
export async function runWatchtower(node: Node): Promise<string> {
  const { federation, report, parameters } = node;
  const models = createModels(node);
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;
  const checked = new Set<number>();

  async function step(): Promise<boolean> {
    const rounds = proposedRounds(federation.state);
    for (const round of rounds) {
      // final rounds can no longer be challenged: a watchtower that was away begins with what can
      if (checked.has(round.number) || round.final) continue;
      await check(round);
      checked.add(round.number);
    }
    return finalCount(federation.state) >= wantedRounds;
  }

  async function check(round: ProposedRound): Promise<void> {
    const startedAt = performance.now();
    const { proposer } = round.proposed;
    const wrong = await compare(round);
    if (wrong === undefined) {
      report({ event: 'verified', round: round.number, proposer, seconds: (performance.now() - startedAt) / 1000 });
    } else {
      report({ event: 'refuted', round: round.number, proposer, wrong });
    }
  }

  /** What differs between the proposal and the recomputed aggregate, if anything. */
  async function compare(round: ProposedRound): Promise<string | undefined> {
    const { proposal } = round.proposed;
    let recomputed: Aggregate;
    try {
      recomputed = await recompute(round);
    } catch (error) {
      if (!(error instanceof TributaryError) || error.retryable) throw error;
      return error.message;
    }
    const { commitment } = recomputed;
    for (const root of ['inputsRoot', 'columnsRoot', 'modelRoot'] as const) {
      if (!equalBytes(proposal[root], commitment[root])) return `its ${root} is not that of the updates it names`;
    }
    if (proposal.totalWeight !== commitment.totalWeight) return `its total weight is not ${commitment.totalWeight}`;
    return undefined;
  }

  async function recompute(round: ProposedRound): Promise<Aggregate> {
    const { proposal, proposer } = round.proposed;
    const bytes = inputsListBytes(proposal.inputCount);
    const list = await node.store.get(cidFromDigest(proposal.inputsCid, bytes), {
      maxBytes: bytes,
      signal: withFetchTimeout(node.signal),
      peers: peerEndpoints(federation, node.account, [proposer]),
    });
    const trainers = new Set(decodeInputsList(list).map(({ trainer }) => trainer));
    const submissions = [...round.submissions.values()].filter(({ trainer }) => trainers.has(trainer.toLowerCase()));
    if (submissions.length !== trainers.size) {
      throw new TributaryError('COMMITMENT_MISMATCH', 'it lists a trainer that did not submit');
    }
    const updates = createUpdates(node, round);
    await updates.fetch(submissions, Date.now() + fetchTimeoutMs);
    const missing = submissions.find(({ trainer }) => !updates.verified.has(trainer));
    if (missing !== undefined) {
      const reason = updates.wrong.get(missing.trainer);
      if (reason !== undefined) throw new TributaryError('COMMITMENT_MISMATCH', reason);
      throw new TributaryError('BLOB_UNAVAILABLE', `The update of ${missing.trainer} cannot be fetched.`, {
        retryable: true,
      });
    }
    const base = await models.get(round.baseRound);
    const result = aggregate(parameters.rule, base, [...updates.verified.values()]);
    models.remember(result.commitment.modelRoot, result.model);
    return result;
  }

  await runLoop(node, step);
  return 'all rounds are final';
}
