/** What the open round waits for, or the next one where none is open. */
import { allSubmitted, fewestUpdates, type Round, skippedFrom, standingSubmissions } from '../../chain/rounds.ts';
import { type Awaited, awaited, type Member, membersOf, type View } from './awaited.ts';

/** Whether submissions are waited for no more. */
export function takesNoMore(round: Round, now: number): boolean {
  return allSubmitted(round) || now >= round.submissionDeadline;
}

export function awaitedBeforeProposal(view: View): Awaited[] {
  const { state, now } = view;
  const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  if (round === undefined) return awaitedBeforeOpening(view);
  return takesNoMore(round, now) ? awaitedOfClosed(round, view) : [awaitedSubmissions(round, view)];
}

/** As `_openRound` of contracts/federation/Federation.sol has it; what halts rounds by vote is another matter. */
function awaitedBeforeOpening({ state, parameters, startTrainers }: View): Awaited[] {
  const latest = Math.max(0, ...state.rounds.keys());
  const next = { number: latest + 1 };
  const fewest = Math.max(1, parameters.minimumUpdates, latest === 0 ? startTrainers : 0);
  const missing = fewest - state.trainers.size;
  const lacks = [
    ...(missing > 0 ? [awaited(next, 'trainers', [], null, missing)] : []),
    ...(state.aggregators.size === 0 ? [awaited(next, 'aggregators', [], null, 1)] : []),
  ];
  return lacks.length > 0 ? lacks : [awaited(next, 'earlierRounds', [], null)];
}

function awaitedSubmissions(round: Round, { state }: View): Awaited {
  const missing = [...state.trainers]
    .filter(([trainer, fromRound]) => fromRound <= round.number && !round.submissions.has(trainer))
    .map(([trainer]) => trainer);
  return awaited(round, 'submissions', membersOf('trainer', missing), round.submissionDeadline);
}

function awaitedOfClosed(round: Round, view: View): Awaited[] {
  const { state, parameters, now, turns } = view;
  const skippedAt = skippedFrom(round, parameters);
  const missing = fewestUpdates(parameters, round) - standingSubmissions(round).length;
  if (missing > 0) return [awaited(round, 'skip', membersOf('aggregator', state.aggregators), skippedAt, missing)];
  const turnEndsAt = round.submissionDeadline + parameters.turnSeconds;
  const [holder] = turns;
  const isTurn = holder !== undefined && now < turnEndsAt;
  const proposers = membersOf('aggregator', isTurn ? [holder] : state.aggregators);
  return [
    ...awaitedAttestations(round, view, skippedAt),
    awaited(round, 'proposal', proposers, isTurn ? turnEndsAt : skippedAt),
  ];
}

function awaitedAttestations(round: Round, { state, rewards, electors }: View, skippedAt: number): Awaited[] {
  const evaluators = [...rewards.evaluators].filter(([, joinedAfter]) => joinedAfter < round.number);
  const mayAttest: Member[] = [
    ...membersOf('aggregator', state.aggregators),
    ...membersOf(
      'evaluator',
      evaluators.map(([account]) => account).filter((account) => !state.aggregators.has(account)),
    ),
  ];
  const silent = mayAttest.filter(({ account }) => electors?.silent.includes(account) ?? true);
  if (electors !== undefined && electors.needed <= 0) return [];
  return [awaited(round, 'attestations', silent, skippedAt, electors?.needed ?? null)];
}
