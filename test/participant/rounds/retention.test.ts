/** Which final rounds are kept, by number and by time. */
import { expect } from 'chai';
import type { Round } from '../../../client/chain/rounds.ts';
import { keptRounds, type Retention } from '../../../client/participant/rounds/retention.ts';

/** Rounds 1 to 5, of which 3 was skipped and 5 is not final; their windows ended 100 seconds after one another. */
const rounds = [5, 3, 1, 4, 2].map((number) => {
  const final = number !== 3 && number !== 5;
  return { number, final, ...(final && { proposed: { closesAt: 100 * number } }) } as unknown as Round;
});

function kept(retention: Retention, now = 500): number[] {
  return [...keptRounds(rounds, retention, () => now)];
}

describe('the rounds that are kept', () => {
  it('are never of those that are not final', () => {
    for (const retention of ['all', 64, { seconds: 10_000 }] as const) expect(kept(retention)).to.deep.equal([1, 2, 4]);
  });
  it('are so many of the newest', () => {
    expect(kept(1)).to.deep.equal([4]);
    expect(kept(2)).to.deep.equal([2, 4]);
  });
  it('are those whose windows ended within the time, to the second, and the newest whenever that was', () => {
    expect(kept({ seconds: 300 })).to.deep.equal([2, 4]);
    expect(kept({ seconds: 299 })).to.deep.equal([4]);
    expect(kept({ seconds: 1 }, 10_000)).to.deep.equal([4]);
    expect(keptRounds([], { seconds: 1 }, () => 1)).to.deep.equal(new Set());
  });
});
