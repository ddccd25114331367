/** What rounds wait for that have a proposal: that it becomes final, that it is scored, that its rewards are stated. */
import { revealEndsAt, scoresSettledAt } from '../../chain/parameters.ts';
import { statedRound } from '../../chain/rewardState.ts';
import { scoringOf } from '../../chain/rewards.ts';
import { type ProposedRound, proposedRounds } from '../../chain/rounds.ts';
import { isDrawn } from '../../core/rewards/lot.ts';
import { type Awaited, aggregatorsFrom, awaited, membersOf, type View } from './awaited.ts';

export function awaitedAfterProposal(view: View): Awaited[] {
  const rounds = proposedRounds(view.state);
  return [
    ...rounds.filter(({ final }) => !final).flatMap((round) => [...awaitedOfProposal(round, view)]),
    ...rounds.flatMap((round) => awaitedScores(round, view)),
    ...awaitedRewards(rounds, view),
  ];
}

function awaitedOfProposal(round: ProposedRound, { state, now, unanswered }: View): Awaited[] {
  const { proposer, closesAt } = round.proposed;
  const author = membersOf('aggregator', [proposer]);
  const answerBy = unanswered.get(round.number);
  return [
    ...(answerBy === undefined ? [] : [awaited(round, 'answers', author, answerBy)]),
    now < closesAt
      ? awaited(round, 'challenges', author, closesAt)
      : awaited(round, 'finalization', aggregatorsFrom(proposer, state), null),
  ];
}

/** Who may score the round: evaluators that had joined before it, all or those that were drawn. */
export function scorersOf(
  round: ProposedRound,
  { rewards, rewardParametersOf }: Pick<View, 'rewards' | 'rewardParametersOf'>,
): string[] {
  const joined = [...rewards.evaluators].filter(([, joinedAfter]) => joinedAfter < round.number);
  const scoring = scoringOf(rewards, round);
  const { committeeSize } = rewardParametersOf(round.number);
  return joined
    .map(([account]) => account)
    .filter(
      (account) => scoring === undefined || isDrawn(account, scoring.modelRoot, scoring.evaluatorCount, committeeSize),
    );
}

function awaitedScores(round: ProposedRound, view: View): Awaited[] {
  const { rewards, now } = view;
  const { number, proposed } = round;
  const windows = view.rewardParametersOf(number);
  const { proposedAt } = proposed;
  const isOpen = scoringOf(rewards, round) !== undefined;
  const [committed, revealed, demanded] = [rewards.committed, rewards.revealed, rewards.demanded].map((scores) =>
    isOpen ? [...(scores.get(number)?.keys() ?? [])] : [],
  ) as [string[], string[], string[]];
  const ask = (stage: 'scores' | 'reveals' | 'publications', accounts: string[], until: number) =>
    accounts.length === 0 || now >= until ? [] : [awaited(round, stage, membersOf('evaluator', accounts), until)];
  const scoringEndsAt = proposedAt + windows.scoringSeconds;
  const uncommitted = scorersOf(round, view).filter((account) => !committed.includes(account));
  const hidden = committed.filter((account) => !revealed.includes(account));
  return [
    ...ask('scores', uncommitted, scoringEndsAt),
    ...(now < scoringEndsAt ? [] : ask('reveals', hidden, revealEndsAt(windows, proposedAt))),
    ...ask('publications', demanded, scoresSettledAt(windows, proposedAt)),
  ];
}

/** Of the oldest round that is not paid yet: each statement stands on the one before. */
function awaitedRewards(
  rounds: readonly ProposedRound[],
  { state, rewards, parameters, now, ...view }: View,
): Awaited[] {
  const stated = [...rewards.statements.values()].find(({ final }) => !final);
  if (stated !== undefined) {
    const { closesAt, proposer } = stated;
    const round = { number: stated.round };
    return [
      now < closesAt
        ? awaited(round, 'rewardChallenges', membersOf('aggregator', [proposer]), closesAt)
        : awaited(round, 'rewardFinalization', aggregatorsFrom(proposer, state), null),
    ];
  }
  const round = rounds.find(({ number }) => number > statedRound(rewards));
  if (round === undefined || !round.final) return [];
  const { proposedAt, proposer, closesAt } = round.proposed;
  const settledAt = scoresSettledAt(view.rewardParametersOf(round.number), proposedAt);
  if (now < settledAt) return [];
  const othersFrom = Math.max(settledAt, closesAt) + parameters.turnSeconds;
  return now < othersFrom && state.aggregators.has(proposer)
    ? [awaited(round, 'statement', membersOf('aggregator', [proposer]), othersFrom)]
    : [awaited(round, 'statement', membersOf('aggregator', state.aggregators), null)];
}
