/** Aggregators that leave while a round is in flight must not keep it from being proposed when it is open again. */
import { expect } from 'chai';
import { type Founded, found } from '../deployment.ts';
import { playFault, voidFault } from '../faults.ts';
import { propose, turnHolderOf } from '../round.ts';
import { Attempts } from './attempts.ts';

/** Of five electors the one that cheats is gone, and two leave after it has proposed: two are left. */
async function attackTheQuorum(founded: Founded) {
  const { federation, trainers, aggregators } = founded;
  const attempts = new Attempts();
  const { proposal, proposer } = await playFault(founded);
  const others = aggregators.filter((aggregator) => aggregator !== proposer);
  for (const leaving of others.slice(2)) await federation.connect(leaving).leaveAsAggregator();
  await voidFault(founded, proposal);
  const left = others.slice(0, 2);
  const holder = await turnHolderOf(federation, left);
  expect(holder, 'nobody has the turn').to.not.equal(undefined);
  const isProposed = await attempts.take('proposal', () => propose(federation, left, trainers.length));
  return { attempts, outcome: { isProposed } };
}

describe('Attack: electors that leave while the round is in flight', () => {
  it('do not count in the round when it is open again', async () => {
    const asItMustBe = { isProposed: true };
    const { attempts, outcome } = await attackTheQuorum(await found(3, 6));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
