/**
 * Takes part like anybody else, runs the same code, and cheats in one round. For demonstrations and tests: it shows that what it
 * does is caught, and what that costs it. Its stake is lost.
 */
import { finalCount } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { runLoop } from '../participant/loop.ts';
import type { Participant } from '../participant/participant.ts';
import { type AdversaryOptions, type AttackName, attackRoles } from './attack.ts';
import { createEquivocation } from './equivocate.ts';
import { proposingBy, submittingBy } from './falseCalls.ts';
import { favourFriend } from './favour.ts';
import { createHoard } from './hoard.ts';
import { proposeForgery, proposeUnweighed, proposeWithoutOne } from './inputs.ts';
import { type Change, openStage, type Stage, type Target } from './stage.ts';
import { submitCopy, submitFalseNorm, submitNaN } from './updates.ts';
import { proposeNothing } from './withhold.ts';
import { proposeWrongModel } from './wrongModel.ts';

/** The roles' own code. */
export type HonestRoles = Record<'trainer' | 'aggregator', (node: Participant) => Promise<string>>;

/** Runs until the rounds asked for are final, or for ever: what it serves stays served after it was caught. */
export async function runAdversary(
  node: Participant,
  { attack, attackRound }: AdversaryOptions,
  roles: HonestRoles,
): Promise<string> {
  const stage = openAttack(node, attack, attackRound);
  const beside: Promise<unknown>[] = [];
  let acting = stage.node;
  if (attack === 'equivocate') beside.push(runLoop(acting, 'equivocating', createEquivocation(stage)));
  if (attack === 'hoard') {
    const hoard = createHoard(stage);
    acting = hoard.node;
    beside.push(runLoop(acting, 'hoarding', hoard.step), trainOnceJoined(acting, roles));
  }
  try {
    await roles[attackRoles[attack]](acting);
  } catch (error) {
    // without its stake it cannot join again
    if (!stage.done || !(error instanceof TributaryError) || error.code !== 'NOT_ELIGIBLE') throw error;
    node.report({ event: 'waiting', for: 'the end of the rounds: its stake is gone' });
  } finally {
    stage.stop();
    await Promise.all(beside);
  }
  const wantedRounds = node.options.rounds ?? Number.POSITIVE_INFINITY;
  await runLoop(node, 'waiting for the rounds', async () => finalCount(node.federation.state) >= wantedRounds);
  return 'all rounds are final';
}

/** The turns of aggregators go by when they joined: that comes first. */
async function trainOnceJoined(node: Participant, { trainer }: HonestRoles): Promise<void> {
  while (!node.signal.aborted && !node.federation.state.aggregators.has(node.account))
    await node.wake.next(node.signal);
  if (!node.signal.aborted) await trainer(node);
}

function openAttack(node: Participant, attack: AttackName, attackRound: number): Stage {
  const open = (method: Target['method'], change: Change, contract: Target['contract'] = 'Federation') =>
    openStage(node, attackRound, { contract, method, change });
  switch (attack) {
    case 'aggregator':
      return open('proposeAggregate', proposingBy(proposeWrongModel));
    case 'withhold':
      return open('proposeAggregate', proposingBy(proposeNothing));
    case 'omit':
      return open('proposeAggregate', proposingBy(proposeWithoutOne));
    case 'forge':
      return open('proposeAggregate', proposingBy(proposeForgery));
    case 'reputation':
      return open('proposeAggregate', proposingBy(proposeUnweighed));
    case 'norm':
      return open('submitUpdate', submittingBy(submitFalseNorm));
    case 'copycat':
      return open('submitUpdate', submittingBy(submitCopy));
    case 'nan':
      return open('submitUpdate', submittingBy(submitNaN));
    case 'equivocate':
    case 'hoard':
      return openStage(node, attackRound);
    case 'favour':
      return open('proposeRewards', favourFriend, 'Rewards');
  }
}
