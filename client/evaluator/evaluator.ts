/**
 * An evaluator's rounds: hold and attest what is submitted; score every update of a proposal on data of its own, commit to the scores while
 * others score too, reveal them when all have committed, serve them, and publish them on chain where that is demanded. Scoring runs while
 * the next round trains.
 */

import { unlessRefused } from '../chain/failure.ts';
import { revealEndsAt, scoresSettledAt } from '../chain/parameters.ts';
import { scoringOf } from '../chain/rewards.ts';
import { finalCount, isProposed } from '../chain/rounds.ts';
import { urgently } from '../chain/sender.ts';
import type { ErrorName } from '../contracts/contracts.ts';
import { equalBytes, type Hash, toHex } from '../core/hash.ts';
import { commitScores, scoresRoot, scoresToBytes, timeCommitment } from '../core/rewards/scores.ts';
import { createAwaitedWatch } from '../participant/awaited/watch.ts';
import { runLoops } from '../participant/loop.ts';
import { createLossWatch } from '../participant/losses.ts';
import { createMembership, joinAsEvaluator } from '../participant/membership.ts';
import { callRewards, type Participant } from '../participant/participant.ts';
import { createHaltWatch, reasonToStop } from '../participant/policy.ts';
import { scoresDocument, scoresPath } from '../participant/rewards/scores.ts';
import { openAttestationBook } from '../participant/rounds/attestationBook.ts';
import { createAttestingStep } from '../participant/rounds/attesting.ts';
import { createElectorsReader } from '../participant/rounds/electors.ts';
import { createRoundModels } from '../participant/rounds/roundModels.ts';
import { createForgetter, rememberUpdates } from '../participant/rounds/updates.ts';
import { type Ballot, type Ballots, openBallots } from './ballots.ts';
import { createMeasuring, openMeasurements } from './measuring.ts';
import { createScoring, type Judge } from './scoring.ts';

/** What the chain answers where its clock is ahead of or behind ours, or the proposal was voided: the next look tells. */
const overtaken: readonly ErrorName[] = [
  'ScoringClosed',
  'RoundNotProposed',
  'NotAnEvaluator',
  'NotDrawn',
  'AlreadyCommitted',
  'ScoresStillNeeded',
  'NotCommitted',
  'AlreadyRevealed',
  'NotYet',
  'TooLate',
  'NotDemanded',
];
/** Rounds behind the newest whose rewards are final that are kept: the contract's ring forgets those before. */
const keptFinalRounds = 64;

/** Runs until the rounds asked for are final, or for ever. */
export async function runEvaluator(node: Participant, judge: Judge): Promise<string> {
  const ballots = await openBallots(await node.files('ballots'));
  const book = await openAttestationBook(node);
  const measurements = await openMeasurements(await node.files('metrics'));
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;
  const allFinal = () => finalCount(node.federation.state) >= wantedRounds;
  // apart from one another: neither a reveal nor a proposal may wait for scores
  await runLoops(node, (working) => {
    const join = createMembership(working, joinAsEvaluator);
    // what it attests it scores then; those of a round tell what is new in the next
    const updatesOf = rememberUpdates(working);
    const models = createRoundModels(working);
    const measure = createMeasuring(working, models, measurements, judge);
    const score = createScoring(working, models, updatesOf, ballots, judge);
    const attest = createAttestingStep(working, book, createElectorsReader(working), updatesOf);
    const forgetOldUpdates = createForgetter(working);
    const show = createShowing(working, ballots);
    return {
      'scoring rounds': async () => {
        const membership = await join();
        if (membership !== 'member') return membership === 'barred';
        if (!allFinal() && (await score())) await show();
        await measure();
        return false;
      },
      'showing scores': async () => {
        await show();
        await forgetOldUpdates();
        return allFinal();
      },
      'attesting rounds': attest,
      'looking for losses': createLossWatch(working),
      'looking for what halts rounds': createHaltWatch(working, false),
      'looking for what rounds wait for': createAwaitedWatch(working),
    };
  });
  return await reasonToStop(node, 'all rounds are final');
}

/** What is sent of a ballot: its scores' root, or the commitment to it. */
interface Due {
  round: number;
  proposedAt: number;
  root: Hash;
}

function createShowing(node: Participant, ballots: Ballots): () => Promise<void> {
  const { federation, rewards, account, addresses, rewardParametersOf, report, documents } = node;

  const urgent = { ...node, sender: urgently(node.sender) };
  // one after the other: what one has sent the next does not send again
  let showing: Promise<unknown> = Promise.resolve();
  return () => {
    const shown = showing.then(showWhatIsDue);
    showing = shown.catch(() => undefined);
    return shown;
  };

  async function showWhatIsDue(): Promise<void> {
    serveWhatIsRevealed();
    await publishWhatIsDemanded();
    await commitAndReveal();
    serveWhatIsRevealed();
    await ballots.forgetBefore(rewards.state.finalRound - keptFinalRounds);
  }

  /** Both in one transaction where both are due. */
  async function commitAndReveal(): Promise<void> {
    const commits = [...ballots.all()].filter(mayCommit);
    const reveals = [...ballots.all()].filter(mayReveal);
    if (commits.length + reveals.length === 0) return;
    while (commits.length > 0 || reveals.length > 0) {
      const [commit, reveal] = [commits.shift(), reveals.shift()];
      await unlessRefused(overtaken, () => send(commit && dueOf(commit), reveal && dueOf(reveal)));
    }
    await rewards.sync();
  }

  function mayCommit({ round, proposedAt: scoredAt }: Ballot): boolean {
    const proposed = federation.state.rounds.get(round);
    const scoring = isProposed(proposed) && scoringOf(rewards.state, proposed);
    if (!scoring || scoring.proposedAt !== scoredAt || rewards.state.committed.get(round)?.has(account)) return false;
    return federation.chainTime() < scoredAt + rewardParametersOf(round).scoringSeconds;
  }

  function mayReveal({ round, proposedAt: scoredAt }: Ballot): boolean {
    const { scorings, committed, revealed } = rewards.state;
    if (scorings.get(round)?.proposedAt !== scoredAt || !committed.get(round)?.has(account)) return false;
    const now = federation.chainTime();
    const windows = rewardParametersOf(round);
    const isOpen = now >= scoredAt + windows.scoringSeconds && now < revealEndsAt(windows, scoredAt);
    return isOpen && !revealed.get(round)?.has(account);
  }

  async function send(commit: Due | undefined, reveal: Due | undefined): Promise<void> {
    const revealArgs = reveal === undefined ? [] : [reveal.round, toHex(reveal.root)];
    const commitArgs = commit === undefined ? [] : [commit.round, toHex(commitmentTo(commit))];
    const method = commit === undefined ? 'revealScores' : reveal === undefined ? 'commitScores' : 'revealAndCommit';
    // what is committed to and not revealed costs stake
    const by = reveal === undefined ? node : urgent;
    const receipt = await callRewards(by, 'showing scores', method, [...revealArgs, ...commitArgs]);
    const gas = Number(receipt.gasUsed);
    if (commit !== undefined) report({ event: 'scoresCommitted', round: commit.round, gas });
    if (reveal === undefined) return;
    report({ event: 'scoresRevealed', round: reveal.round, scoresRoot: toHex(reveal.root), gas });
  }

  function dueOf({ round, proposedAt, salt, scores }: Ballot): Due {
    return { round, proposedAt, root: scoresRoot(salt, scores) };
  }

  function commitmentTo({ round, proposedAt, root }: Due): Hash {
    const context = { chainId: BigInt(addresses.chainId), rewards: addresses.rewards, round, evaluator: account };
    return timeCommitment(commitScores(context, root), proposedAt);
  }

  function serveWhatIsRevealed(): void {
    for (const { round, salt, scores } of ballots.all()) {
      const root = rewards.state.revealed.get(round)?.get(account);
      if (root === undefined || !equalBytes(root, scoresRoot(salt, scores))) continue;
      documents.set(scoresPath(round), () => scoresDocument([{ evaluator: account, salt, scores }]));
    }
  }

  async function publishWhatIsDemanded(): Promise<void> {
    for (const { round, proposedAt: scoredAt, salt, scores } of ballots.all()) {
      if (rewards.state.scorings.get(round)?.proposedAt !== scoredAt) continue;
      if (!rewards.state.demanded.get(round)?.has(account)) continue;
      if (federation.chainTime() >= scoresSettledAt(rewardParametersOf(round), scoredAt)) continue;
      await unlessRefused(overtaken, async () => {
        const args = [round, account, toHex(salt), toHex(scoresToBytes(scores))];
        const receipt = await callRewards(urgent, `publishing the scores of round ${round}`, 'publishScores', args);
        report({ event: 'scoresPublished', round, gas: Number(receipt.gasUsed) });
        await callRewards(node, 'claiming what is owed for publishing', 'claimOwed', []);
      });
    }
  }
}
