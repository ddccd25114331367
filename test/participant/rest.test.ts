import { expect } from 'chai';
import { createRest, type Resting } from '../../client/participant/rest.ts';

/** A process of some loops, and what it has told. */
function stage(loops: number) {
  const told: Resting['rests'][] = [];
  const rest = createRest(({ rests }) => told.push(rests));
  return { told, loops: Array.from({ length: loops }, () => rest.begin()) };
}

describe('a process that rests', () => {
  it('says so when the last of its loops rests, not before', () => {
    const { told, loops } = stage(2);
    loops[0]!.rests(7);
    expect(told).to.deep.equal([]);
    loops[1]!.rests(7);
    expect(told).to.deep.equal([{ block: 7, looks: 1 }]);
  });

  it('does not say so while a loop works or has not looked at the newest block', () => {
    const { told, loops } = stage(2);
    loops[0]!.rests(7);
    loops[1]!.rests(8);
    expect(told).to.deep.equal([]);
    loops[0]!.wakes();
    loops[1]!.rests(8);
    expect(told).to.deep.equal([]);
    loops[0]!.rests(8);
    expect(told).to.deep.equal([{ block: 8, looks: 1 }]);
  });

  it('counts how often the laziest loop has looked at the block', () => {
    const { told, loops } = stage(2);
    for (let look = 0; look < 5; look++) loops[0]!.rests(7);
    for (let look = 0; look < 2; look++) loops[1]!.rests(7);
    expect(told.at(-1)).to.deep.equal({ block: 7, looks: 2 });
  });

  it('does not wait for loops that have ended', () => {
    const { told, loops } = stage(2);
    loops[0]!.rests(7);
    loops[1]!.ends();
    expect(told).to.deep.equal([{ block: 7, looks: 1 }]);
  });
});
