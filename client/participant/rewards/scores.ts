/**
 * Scores that evaluators have revealed, for who settles rounds or watches over that: fetched from who has them, verified against the
 * root on chain, demanded in time where nobody shows them, forfeited where they were never shown. Served as the JSON document
 * `/scores/{round}`, a list, by evaluators of their own and by others of all that they have.
 */

import pLimit from 'p-limit';
import { z } from 'zod/v4';
import { addressSchema } from '../../chain/address.ts';
import { readSlash } from '../../chain/challenges.ts';
import { unlessRefused } from '../../chain/failure.ts';
import { revealEndsAt, scoresSettledAt } from '../../chain/parameters.ts';
import { scoringOf } from '../../chain/rewards.ts';
import { documentEndpointsOf, type ProposedRound, proposedRounds } from '../../chain/rounds.ts';
import type { ErrorName } from '../../contracts/contracts.ts';
import { equalBytes, fromHex, type Hash, toHex } from '../../core/hash.ts';
import type { OpenedScores } from '../../core/rewards/challenges.ts';
import { bytesToScores, scoresRoot, scoresToBytes } from '../../core/rewards/scores.ts';
import { parseWith } from '../../core/task.ts';
import { firstDocument } from '../firstDocument.ts';
import { callRewards, type Participant } from '../participant.ts';

const documentSchema = z.array(
  z.strictObject({
    evaluator: addressSchema,
    salt: z.string().regex(/^0x[0-9a-f]{64}$/, '32 bytes as 0x and 64 hex digits'),
    scores: z.string().regex(/^0x([0-9a-f]{4})*$/, 'int16 each, as 0x and four hex digits'),
  }),
);

/** Room in a document for the scores of one evaluator, besides the scores. */
const entryBytes = 256;
const longestAskMs = 5000;
const asksAtOnce = 16;
/** Rounds behind the newest whose rewards are final that are still served. */
const servedFinalRounds = 8;

/** What the chain answers where another was faster, or its clock is ahead of or behind ours. */
const overtaken: readonly ErrorName[] = [
  'AlreadyDemanded',
  'NothingForfeited',
  'NotCommitted',
  'NotRevealed',
  'NotYet',
  'TooLate',
];

export function scoresPath(round: number): string {
  return `/scores/${round}`;
}

export function scoresDocument(opened: Iterable<OpenedScores>): unknown {
  return [...opened].map(({ evaluator, salt, scores }) => ({
    evaluator,
    salt: toHex(salt),
    scores: toHex(scoresToBytes(scores)),
  }));
}

export interface ScoresWatch {
  /** The scores behind a root that was revealed; undefined where nobody shows them. */
  read(round: number, evaluator: string, root: Hash): Promise<OpenedScores | undefined>;
  /** Collects what is shown of the rounds that are scored now, and demands or forfeits what is not. */
  step(): Promise<boolean>;
}

export interface ScoresCollector extends Pick<ScoresWatch, 'read'> {
  /** By round and root. */
  readonly collected: Map<number, Map<string, OpenedScores>>;
}

/** Serves what it has read. */
export function createScoresCollector(
  node: Pick<
    Participant,
    'federation' | 'rewards' | 'account' | 'rewardParametersOf' | 'documents' | 'reach' | 'signal'
  >,
): ScoresCollector {
  const { federation, rewards, account, rewardParametersOf, documents } = node;
  const collected: ScoresCollector['collected'] = new Map();

  async function read(round: number, evaluator: string, root: Hash): Promise<OpenedScores | undefined> {
    const known = collected.get(round)?.get(toHex(root));
    if (known !== undefined) return known;
    const published = rewards.state.published.get(round)?.get(evaluator);
    const found = published === undefined ? await askPeers(round, evaluator, root) : { evaluator, ...published };
    if (found === undefined || !equalBytes(scoresRoot(found.salt, found.scores), root)) return undefined;
    remember(round, root, found);
    return found;
  }

  function remember(round: number, root: Hash, opened: OpenedScores): void {
    const ofRound = collected.get(round) ?? new Map<string, OpenedScores>();
    collected.set(round, ofRound.set(toHex(root), opened));
    documents.set(scoresPath(round), () => scoresDocument(ofRound.values()));
  }

  /** First the evaluator, then the aggregators. */
  async function askPeers(round: number, evaluator: string, root: Hash): Promise<OpenedScores | undefined> {
    const submissions = federation.state.rounds.get(round)?.submissions.size ?? 0;
    const perEvaluator = entryBytes + 4 * submissions;
    const maxBytes = perEvaluator * (1 + (rewards.state.revealed.get(round)?.size ?? 0));
    const own = documentEndpointsOf(federation.state, evaluator);
    const others = [...federation.state.aggregators]
      .filter((aggregator) => aggregator !== account)
      .flatMap((aggregator) => documentEndpointsOf(federation.state, aggregator));
    const timeoutMs = Math.min(longestAskMs, rewardParametersOf(round).publishSeconds * 250);
    return await firstDocument([...new Set([...own, ...others])], scoresPath(round), {
      read: (document) =>
        parseWith(documentSchema, document, 'scores')
          .map(({ salt, scores, ...rest }) => ({
            ...rest,
            salt: fromHex(salt),
            scores: bytesToScores(fromHex(scores)),
          }))
          .find((opened) => {
            return opened.evaluator === evaluator && equalBytes(scoresRoot(opened.salt, opened.scores), root);
          }),
      limits: { maxBytes, signal: node.signal, reach: node.reach },
      timeoutMs,
    });
  }

  return { collected, read };
}

export function createScoresWatch(node: Participant): ScoresWatch {
  const { federation, rewards, account, rewardParametersOf, report, documents } = node;
  const { collected, read } = createScoresCollector(node);

  async function step(): Promise<boolean> {
    for (const round of scoredRounds()) {
      await collect(round.number);
      await demandWhatIsHidden(round);
      await forfeitWhatWasNotShown(round);
    }
    for (const round of collected.keys()) {
      if (round >= rewards.state.finalRound - servedFinalRounds) continue;
      collected.delete(round);
      documents.delete(scoresPath(round));
    }
    return false;
  }

  /** Those whose rewards are not stated yet. */
  function scoredRounds(): ProposedRound[] {
    return proposedRounds(federation.state).filter(
      (round) => !rewards.state.statements.has(round.number) && scoringOf(rewards.state, round) !== undefined,
    );
  }

  async function collect(round: number): Promise<void> {
    const limit = pLimit(asksAtOnce);
    const revealed = rewards.state.revealed.get(round) ?? new Map<string, Hash>();
    await Promise.all([...revealed].map(([evaluator, root]) => limit(read, round, evaluator, root)));
  }

  /** When no more can be revealed: who reveals has had time to serve. */
  async function demandWhatIsHidden(round: ProposedRound): Promise<void> {
    const { number } = round;
    const windows = rewardParametersOf(number);
    const { publishSeconds, demandBondWei } = windows;
    const from = revealEndsAt(windows, round.proposed.proposedAt);
    const now = federation.chainTime();
    if (now < from + patienceOf(round) || now >= from + publishSeconds) return;
    const [demanded, published] = [rewards.state.demanded.get(number), rewards.state.published.get(number)];
    for (const [evaluator, root] of rewards.state.revealed.get(number) ?? []) {
      if (collected.get(number)?.has(toHex(root)) || demanded?.has(evaluator) || published?.has(evaluator)) continue;
      await unlessRefused(overtaken, async () => {
        const step = `demanding the scores of ${evaluator} in round ${number}`;
        const args = [number, evaluator];
        const receipt = await callRewards(node, step, 'demandScores', args, demandBondWei);
        report({ event: 'scoresDemanded', round: number, evaluator, gas: Number(receipt.gasUsed) });
      });
    }
  }

  async function forfeitWhatWasNotShown(round: ProposedRound): Promise<void> {
    const { number } = round;
    const windows = rewardParametersOf(number);
    const { proposedAt } = round.proposed;
    const now = federation.chainTime() - patienceOf(round);
    const { committed, revealed, demanded, forfeited } = rewards.state;
    for (const evaluator of committed.get(number) ?? []) {
      const hidden = demanded.get(number)?.has(evaluator) ?? false;
      if (forfeited.get(number)?.has(evaluator) || (revealed.get(number)?.has(evaluator) && !hidden)) continue;
      const endsAt = hidden ? scoresSettledAt(windows, proposedAt) : revealEndsAt(windows, proposedAt);
      if (now < endsAt || evaluator === account) continue;
      await unlessRefused(overtaken, async () => {
        const step = `taking the forfeit of ${evaluator} in round ${number}`;
        const receipt = await callRewards(node, step, 'forfeit', [number, evaluator]);
        const { takenWei, earnedWei } = readSlash(receipt);
        const amounts = { takenWei: String(takenWei), earnedWei: String(earnedWei) };
        report({ event: 'scoresForfeited', round: number, evaluator, gas: Number(receipt.gasUsed), ...amounts });
      });
    }
  }

  /** The round's proposer first: the others need not pay for a transaction that fails. */
  function patienceOf({ number, proposed }: ProposedRound): number {
    return proposed.proposer === account ? 0 : rewardParametersOf(number).publishSeconds / 4;
  }

  return { read, step };
}
