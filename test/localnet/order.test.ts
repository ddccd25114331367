import { expect } from 'chai';
import { membersOf } from '../../client/localnet/members.ts';
import { parseStartOptions } from '../../client/localnet/options.ts';
import { startInOrder } from '../../client/localnet/order.ts';

/** Starts who is to be started; `joins` lets somebody join. */
function startRun(given: Record<string, string | boolean>) {
  const options = parseStartOptions(given);
  const started: string[] = [];
  const joins = new Map<string, () => void>();
  const hasJoined = (name: string) => new Promise<void>((resolve) => joins.set(name, resolve));
  const done = startInOrder(membersOf(options), options, ({ name }) => started.push(name), hasJoined);
  return { started, joins, done };
}

describe('the processes of a run', () => {
  it('start at once but for the last trainer, with which the first round opens: evaluators that joined before may score it', async () => {
    const { started, joins, done } = startRun({ trainers: '3', aggregators: '1', watchtowers: '1', evaluators: '2' });
    const atOnce = ['evaluator 1', 'evaluator 2', 'trainer 1', 'trainer 2', 'aggregator 1', 'watchtower 1'];
    expect(started).to.deep.equal(atOnce);
    joins.get('evaluator 1')!();
    await Promise.resolve();
    expect(started).to.deep.equal(atOnce);
    joins.get('evaluator 2')!();
    await done;
    expect(started).to.deep.equal([...atOnce, 'trainer 3']);
  });

  it('start all at once where the run is resumed: nobody joins any more', async () => {
    const { started, done } = startRun({ trainers: '2', resume: true, folder: 'x', rpc: 'http://127.0.0.1:1' });
    await done;
    expect(started).to.include.members(['trainer 2', 'evaluator 2']);
  });
});
