/** Demands that one answers oneself must not stretch a window for nothing, and a flood of them must cost what it asks for. */
import { expect } from 'chai';
import { bondWeiOf, demandHashes, demandOf, type Scene, setScene } from '../demands.ts';
import { parameters } from '../deployment.ts';
import { Attempts } from './attempts.ts';

/** The proposer and its accomplice have the bonds back but for the gas. */
async function attackTheWindow(scene: Scene) {
  const { federation, challenges, proposal, posted, demander, proposer, time } = scene;
  const attempts = new Attempts();
  const closesAt = async () => Number((await federation.proposalOf(1)).closesAt);
  let paidWei = 0n;
  for (let step = 0; step < 6; step++) {
    await time.setNextBlockTimestamp((await closesAt()) - 1);
    await attempts.take('demand', async () => {
      const demand = await demandOf(scene, await demandHashes(scene, demander, 'columns', 3, 2, 0));
      paidWei += bondWeiOf(4);
      await challenges.openings.connect(proposer).openHashes(demand, proposal, posted.columns.below(3, 0, 2));
    });
  }
  const windowSeconds = (await closesAt()) - Number((await federation.proposalOf(1)).proposedAt);
  const isStretchedTwice = windowSeconds > parameters.challengeSeconds + 2 * parameters.answerSeconds;
  const lostWei = paidWei - (await challenges.openings.owedWei(proposer.address));
  return { attempts, windowSeconds, outcome: { isStretchedTwice, lostWei } };
}

const demands = 10;

/** So many that an honest proposer cannot answer all in time: it answers one. */
async function attackTheProposer(scene: Scene) {
  const { federation, challenges, stake, proposal, posted, demander, proposer, helper, time } = scene;
  const { openings } = challenges;
  const attempts = new Attempts();
  const made: Awaited<ReturnType<typeof demandOf>>[] = [];
  for (let n = 0; n < demands; n++) {
    await time.increase(1);
    await attempts.take('demand', async () => {
      made.push(await demandOf(scene, await demandHashes(scene, demander, 'columns', 3, 2, 0)));
    });
  }
  await time.increase(parameters.answerSeconds - 2 * demands);
  await openings.connect(helper).openHashes(made[0]!, proposal, posted.columns.below(3, 0, 2));
  await time.increase(3 * demands);
  await attempts.take('forfeit', () => openings.connect(demander).forfeit(made.at(-1)!, proposal));
  for (const demand of made.slice(1, -1)) {
    await attempts.take('reclaim', () => openings.connect(demander).reclaim(demand));
  }
  const lostWei = bondWeiOf(4) * BigInt(made.length) - (await openings.owedWei(demander.address));
  return {
    attempts,
    outcome: { lostBonds: lostWei / bondWeiOf(4), bondedWei: await stake.bondedWei(federation, proposer.address) },
  };
}

describe('Attack: demands', () => {
  it('that their sender answers itself do not stretch the window again and again', async () => {
    const asItMustBe = { isStretchedTwice: false, lostWei: 0n };
    const { attempts, outcome, windowSeconds } = await attackTheWindow(await setScene({ count: 20, dimension: 200 }));
    expect(outcome, `${windowSeconds} s, ${attempts}`).to.deep.equal(asItMustBe);
  }).timeout(20_000);

  it('that are more than can be answered cost their bonds', async () => {
    const asItMustBe = { lostBonds: BigInt(demands) - 1n, bondedWei: 0n };
    const { attempts, outcome } = await attackTheProposer(await setScene({ count: 20, dimension: 200 }));
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  }).timeout(20_000);
});
