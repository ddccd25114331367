/** Who announces again and again must not keep others from a refutation in one transaction for ever. */
import { expect } from 'chai';
import { id } from 'ethers';
import { type Founded, found } from '../deployment.ts';
import { faultProof, playFault, send } from '../faults.ts';
import { Attempts } from './attempts.ts';

const announcedSeconds = 120;

async function attackTheRefutation(founded: Founded) {
  const { federation, challenges, accounts, stranger, time } = founded;
  const attempts = new Attempts();
  const { proposal } = await playFault(founded);
  const data = await faultProof(founded, proposal);
  const disturber = challenges.aggregate.connect(accounts[15]!);
  let isRefuted = false;
  for (let n = 0; n < 8 && !isRefuted; n++) {
    await attempts.take('announcement', () => disturber.announceChallenge(federation, 1, id(`nothing ${n}`)));
    await time.increase(announcedSeconds - 10);
    isRefuted = await attempts.take('refutation', () => send(challenges.aggregate, stranger, data));
  }
  return { attempts, outcome: { isRefuted } };
}

describe('Attack: announcements without end', () => {
  it('do not make every refutation take two transactions for ever', async () => {
    const asItMustBe = { isRefuted: true };
    const { attempts, outcome } = await attackTheRefutation(await found());
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
