/** Says for what the rounds wait: each once, and again where it is others or another time. */
import { explainChainFailure } from '../../chain/failure.ts';
import { readAllDemands } from '../../chain/openings.ts';
import { proposedRounds, type Round } from '../../chain/rounds.ts';
import type { Participant } from '../participant.ts';
import type { Asked, Awaited } from './awaited.ts';
import { awaitedBeforeProposal, takesNoMore } from './openRound.ts';
import { awaitedAfterProposal } from './proposedRounds.ts';

type Asking = Pick<Participant, 'federation' | 'rewards'>;

/** What all rounds wait for now. */
export function awaitedNow({ federation, rewards }: Asking, asked: Asked): Awaited[] {
  const { state, parameters } = federation;
  if (state.parameters === undefined) return [];
  const view = {
    ...asked,
    state,
    rewards: rewards.state,
    parameters: parameters(),
    rewardParametersOf: rewards.parametersOf,
    now: federation.chainTime(),
  };
  return [...awaitedBeforeProposal(view), ...awaitedAfterProposal(view)];
}

/** Demands may be looked for so often in the time that there is to answer them: the chain is asked for logs. */
const looksPerAnswer = 3;

/** Asks the chain for what its events do not tell, no more often than it may have changed. */
export function createAskedReader({ federation }: Pick<Asking, 'federation'>): () => Promise<Asked> {
  let startTrainers: number | undefined;
  let turns: { key: string; accounts: readonly string[] } | undefined;
  let demands: { at: number; unanswered: ReadonlyMap<number, number> } | undefined;

  async function readTurns(round: Round): Promise<readonly string[]> {
    const key = [round.number, round.edition, ...federation.state.aggregators].join(' ');
    if (turns?.key !== key) turns = { key, accounts: await federation.readTurns() };
    return turns.accounts;
  }

  async function readUnanswered(): Promise<ReadonlyMap<number, number>> {
    const open = proposedRounds(federation.state).filter(({ final }) => !final);
    if (open.length === 0) return new Map();
    const now = federation.chainTime();
    if (demands !== undefined && now < demands.at + federation.parameters().answerSeconds / looksPerAnswer) {
      return demands.unanswered;
    }
    const all = await readAllDemands(federation, Math.min(...open.map(({ proposed }) => proposed.blockNumber)));
    const unanswered = new Map<number, number>();
    for (const { round, answerBy, opened, closed } of all) {
      if (opened === undefined && !closed) unanswered.set(round, Math.min(answerBy, unanswered.get(round) ?? answerBy));
    }
    demands = { at: now, unanswered };
    return unanswered;
  }

  return async () => {
    const { state, contracts } = federation;
    const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    if (state.rounds.size === 0 && startTrainers === undefined) {
      const task = await contracts.federation.task().catch((cause: unknown) => {
        throw explainChainFailure(cause, 'reading the task');
      });
      startTrainers = Number(task.startTrainers);
    }
    const isClosed = round !== undefined && takesNoMore(round, federation.chainTime());
    return {
      startTrainers: startTrainers ?? 0,
      turns: isClosed ? await readTurns(round) : [],
      unanswered: await readUnanswered(),
    };
  };
}

/** A step. */
export function createAwaitedWatch(
  node: Pick<Participant, 'federation' | 'rewards' | 'report'>,
): () => Promise<boolean> {
  const ask = createAskedReader(node);
  let said = new Map<string, string>();

  return async () => {
    const found = new Map<string, string>();
    for (const awaited of awaitedNow(node, await ask())) {
      const place = `${awaited.round}/${awaited.stage}`;
      const what = JSON.stringify(awaited);
      found.set(place, what);
      if (said.get(place) !== what) node.report({ event: 'awaiting', ...awaited });
    }
    said = found;
    return false;
  };
}
