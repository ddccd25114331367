/** Aggregators that leave and join again within a round must not take turns of others. */
import { expect } from 'chai';
import { type Founded, found, parameters } from '../deployment.ts';
import { playRound } from '../round.ts';
import { Attempts } from './attempts.ts';

const rounds = 24;

/** Three of six are the attacker's. */
async function attackTheTurns(founded: Founded) {
  const { federation, trainers, aggregators, time } = founded;
  const attempts = new Attempts();
  const own = aggregators.slice(1, 4);
  const isOwn = async () => {
    const holder = await federation.turnHolder();
    return own.some(({ address }) => address === holder);
  };
  let turns = 0;
  for (let round = 1; round <= rounds; round++) {
    for (const account of own) {
      if (await federation.isAggregator(account.address)) continue;
      if (await isOwn()) break;
      await attempts.take('joining', () => federation.connect(account).joinAsAggregator());
    }
    for (const account of [...own, ...own]) {
      if (await isOwn()) break;
      await attempts.take('leaving', () => federation.connect(account).leaveAsAggregator());
      if (await isOwn()) break;
      await attempts.take('joining', () => federation.connect(account).joinAsAggregator());
    }
    if (await isOwn()) turns++;
    await playRound(federation, trainers, aggregators);
    await time.increase(parameters.challengeSeconds);
    await federation.finalizeRound(round);
  }
  return { attempts, turns, outcome: { isAboveItsShare: turns > rounds / 2 } };
}

describe('Attack: leaving and joining again for the turn', () => {
  it('gives an aggregator no more turns than its share', async () => {
    const asItMustBe = { isAboveItsShare: false };
    const { turns, outcome } = await attackTheTurns(await found(2, 6));
    expect(outcome, `${turns} of ${rounds}`).to.deep.equal(asItMustBe);
  });
});
