import { expect } from 'chai';
import { createPace, type Pace } from '../../client/chain/pace.ts';

/** How long so many calls wait, one after the other, in milliseconds. */
async function waits(pace: Pace, calls: number): Promise<number> {
  const startedAt = performance.now();
  // the first goes at once, whatever the distance
  for (let call = 0; call <= calls; call++) await pace.turn(1);
  return performance.now() - startedAt;
}

describe('calls to a provider', () => {
  it('go at once until it has refused the same question three times in a row', async () => {
    const pace = createPace();
    for (const times of [1, 2, 1, 2]) pace.refused(times);
    expect(await waits(pace, 20)).to.be.below(500);
    pace.refused(3);
    expect(await waits(pace, 4)).to.be.at.least(4 * 45);
  });

  it('go further apart with each refusal, and at once again after enough answers', async () => {
    const pace = createPace();
    for (const times of [3, 4, 5]) pace.refused(times);
    expect(await waits(pace, 2)).to.be.at.least(2 * 100);
    for (let answer = 0; answer < 200; answer++) pace.answered();
    expect(await waits(pace, 20)).to.be.below(500);
  });
});
