/**
 * The clock of a chain that a run has started itself. It goes with the wall's. When every process has looked at the newest block and rests,
 * only time is waited for: then it is moved on to the next moment at which somebody may act. So windows are long enough for any
 * machine, and for a process that has to be started again, and cost no time.
 */
import { toQuantity } from 'ethers';
import type { Deployment } from '../chain/deployment.ts';
import { type FederationClient, openFederation } from '../chain/federation.ts';
import { readAllDemands } from '../chain/openings.ts';
import { revealEndsAt, scoresSettledAt } from '../chain/parameters.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { openRewards, type RewardsClient, scoringOf } from '../chain/rewards.ts';
import { type ProposedRound, proposedRounds } from '../chain/rounds.ts';
import { demandPatienceSeconds } from '../participant/fetchTimeout.ts';
import type { Resting } from '../participant/rest.ts';

export interface ChainClock {
  /** Is waited for from now on: it has been started, or will be started again. */
  works(process: string): void;
  /** What the process tells about itself. */
  observe(process: string, message: unknown): void;
  /** It has ended, and nobody waits for it. */
  leaves(process: string): void;
  /** Moves it on to this moment, in seconds since 1970, whoever works: for who has nothing else to wait for. */
  moveTo(moment: number): Promise<void>;
  close(): void;
}

interface ClockOptions {
  provider: ChainProvider;
  federation: FederationClient;
  rewards: RewardsClient;
}

/** How often each loop looks at the newest block before it is believed: what is shown off the chain is found by looking again. */
const believedLooks = 3;
/** Moments so near to one another, as a share of the shortest window that begins in one, are passed together. */
const togetherShare = 0.3;

/** Of the chain on which the federation lives. */
export function clockOf(provider: ChainProvider, deployment: Deployment): ChainClock {
  const federation = openFederation(provider, deployment, deployment.deployBlock);
  const rewards = openRewards(provider, deployment, deployment.deployBlock);
  return createChainClock({ provider, federation, rewards });
}

export function createChainClock({ provider, federation, rewards }: ClockOptions): ChainClock {
  const processes = new Map<string, Resting['rests'] | undefined>();
  let looking = false;
  let closed = false;

  function allRest(): number | undefined {
    const all = [...processes.values()];
    const block = all[0]?.block;
    return all.every((one) => one?.block === block && one!.looks >= believedLooks) ? block : undefined;
  }

  async function moveOn(): Promise<void> {
    const block = allRest();
    if (looking || closed || block === undefined) return;
    looking = true;
    try {
      await Promise.all([federation.sync(), rewards.sync()]);
      if (federation.head().number !== block) return;
      const seconds = Math.ceil(nextOf(await momentsOf(federation, rewards)) - federation.chainTime());
      // one that was started meanwhile is waited for
      if (Number.isFinite(seconds) && allRest() === block && !closed) await moveBy(seconds);
    } finally {
      looking = false;
    }
  }

  async function moveBy(seconds: number): Promise<void> {
    await provider.send('evm_increaseTime', [toQuantity(seconds)]);
    await provider.send('evm_mine', []);
  }

  function nextOf(moments: readonly number[]): number {
    const toCome = moments.filter((moment) => moment > federation.chainTime());
    const { revealSeconds, publishSeconds } = rewards.parametersOf();
    const together = togetherShare * Math.min(revealSeconds, publishSeconds, federation.parameters().turnSeconds);
    const first = Math.min(...toCome);
    return Math.max(first, ...toCome.filter((moment) => moment < first + together));
  }

  return {
    works: (process) => processes.set(process, undefined),
    observe(process, message) {
      if (!processes.has(process) || !isResting(message)) return;
      processes.set(process, message.rests);
      // what the chain does not answer now it answers when somebody rests again
      moveOn().catch(() => undefined);
    },
    leaves: (process) => processes.delete(process),
    async moveTo(moment) {
      await federation.sync();
      const seconds = Math.ceil(moment - federation.chainTime());
      if (seconds > 0) await moveBy(seconds);
    },
    close() {
      closed = true;
    },
  };
}

function isResting(message: unknown): message is Resting {
  return typeof message === 'object' && message !== null && 'rests' in message;
}

/** When somebody may do what could not be done before, by the windows of the contracts and the patience of the roles. */
async function momentsOf(federation: FederationClient, rewards: RewardsClient): Promise<number[]> {
  const { state } = federation;
  const { submissionSeconds, turnSeconds, challengeSeconds, answerSeconds } = federation.parameters();
  const moments: number[] = [];
  const open = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  if (open !== undefined) {
    const deadline = open.submissionDeadline;
    const halfTurns = open.submissions.size === 0 ? 0 : 2 * (state.aggregators.size + 2);
    for (let half = 0; half <= halfTurns; half++) moments.push(deadline + (half * turnSeconds) / 2);
    moments.push(deadline + submissionSeconds + 2 * turnSeconds);
  }
  for (const [trainer, at] of state.mayJoinAt) if (!state.trainers.has(trainer)) moments.push(at);
  const contested = proposedRounds(state).filter(({ final }) => !final);
  for (const round of proposedRounds(state)) {
    const stated = rewards.state.statements.get(round.number);
    if (stated?.final) continue;
    moments.push(...momentsOfRound(round, rewards, turnSeconds));
    if (stated !== undefined) moments.push(stated.closesAt, stated.closesAt + turnSeconds);
  }
  for (const { proposed } of contested) {
    // what electors have signed is asked for once more, see gossip.ts
    moments.push(proposed.closesAt - challengeSeconds / 2);
    // what nobody serves is demanded, see watchtower.ts
    moments.push(proposed.proposedAt + demandPatienceSeconds(challengeSeconds));
  }
  if (contested.length > 0) {
    const demands = await readAllDemands(
      federation,
      Math.min(...contested.map(({ proposed }) => proposed.blockNumber)),
    );
    const pending = demands.filter(({ opened, closed }) => opened === undefined && !closed);
    // first its proposer answers, then others
    moments.push(...pending.flatMap(({ answerBy }) => [answerBy - answerSeconds / 2, answerBy + 1]));
  }
  return moments;
}

function momentsOfRound(round: ProposedRound, rewards: RewardsClient, turnSeconds: number): number[] {
  const { number, proposed, final } = round;
  const isScored = rewards.state.evaluators.size === 0 || scoringOf(rewards.state, round) !== undefined;
  const windows = rewards.parametersOf(number);
  const { proposedAt, closesAt } = proposed;
  const revealed = revealEndsAt(windows, proposedAt);
  const settled = scoresSettledAt(windows, proposedAt);
  const { scoringSeconds, publishSeconds } = windows;
  return [
    // an evaluator that does not open the scoring is passed over
    ...(isScored ? [] : Array.from({ length: 8 }, (_, eighth) => proposedAt + (eighth * scoringSeconds) / 8)),
    proposedAt + scoringSeconds,
    revealed,
    revealed + publishSeconds / 4,
    revealed + publishSeconds,
    settled,
    settled + publishSeconds / 4,
    ...(final ? [] : [closesAt, closesAt + turnSeconds]),
    Math.max(settled, closesAt) + turnSeconds,
    closesAt + 2 * turnSeconds,
  ];
}
