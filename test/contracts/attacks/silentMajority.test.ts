/** Trainers that are silent for ever, and too many for a round to be proposed without them, must not stop the federation. */
import { expect } from 'chai';
import { type Founded, found, parameters } from '../deployment.ts';
import { playRound, propose, submit } from '../round.ts';
import { Attempts } from './attempts.ts';

async function attackByNothing(founded: Founded) {
  const { federation, trainers, aggregators, stranger, time } = founded;
  const attempts = new Attempts();
  const silent = trainers.slice(0, 2);
  await playRound(federation, trainers, aggregators);
  await time.increase(parameters.challengeSeconds);
  await federation.finalizeRound(1);
  for (let n = 0; n < 3; n++) {
    await attempts.take('submission', () => submit(federation, ...trainers.slice(2)));
    await time.increase(parameters.submissionSeconds);
    await attempts.take('proposal', () => propose(federation, aggregators, 1));
    await time.increase(3 * parameters.submissionSeconds);
    await attempts.take('skipping', async () => federation.skipRound((await federation.clock()).round));
    for (const { address } of silent) {
      await attempts.take('report of absence', () => federation.connect(stranger).reportAbsence(address));
    }
  }
  const members = await Promise.all(silent.map(({ address }) => federation.isTrainer(address)));
  return { attempts, outcome: { silentMembers: members.filter(Boolean).length } };
}

describe('Attack: a majority that is silent', () => {
  it('can be removed though no round is proposed any more', async () => {
    const asItMustBe = { silentMembers: 0 };
    const { attempts, outcome } = await attackByNothing(await found(3, 2));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
