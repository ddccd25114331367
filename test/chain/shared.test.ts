import { expect } from 'chai';
import { shared } from '../../client/chain/shared.ts';

describe('an act that is shared', () => {
  function stage() {
    const ends: (() => void)[] = [];
    let begun = 0;
    const ask = shared(async () => {
      const number = ++begun;
      await new Promise<void>((resolve) => ends.push(resolve));
      if (number === 2) throw new Error('the second fails');
      return number;
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    return { ask, ends, turn, begun: () => begun };
  }

  it('runs once for all who ask while it waits for its turn, never for who asks after it began', async () => {
    const { ask, ends, turn, begun } = stage();
    const first = ask();
    await turn();
    const [second, third] = [ask(), ask()];
    await turn();
    expect(begun()).to.equal(1);
    ends[0]!();
    expect(await first).to.equal(1);
    await turn();
    expect(begun()).to.equal(2);
    const fourth = ask();
    ends[1]!();
    for (const failed of [second, third]) {
      expect(
        await failed.then(
          () => '',
          (error: Error) => error.message,
        ),
      ).to.equal('the second fails');
    }
    await turn();
    ends[2]!();
    expect(await fourth).to.equal(3);
  });
});
