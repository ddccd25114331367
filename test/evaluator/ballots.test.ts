import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBallots } from '../../client/evaluator/ballots.ts';
import { scoredTrainers } from '../../client/evaluator/scoredTrainers.ts';
import { openKeptFiles } from '../../client/storage/durable.ts';

const salt = new Uint8Array(32).fill(5);
const ballot = (round: number, proposedAt: number) => ({
  round,
  proposedAt,
  scores: Int16Array.of(-32_768, 3, 32_767),
  salt,
  found: new Map([['0xa', [0.5, -1e-9, round]]]),
});

describe('ballots', () => {
  const folder = () => join(mkdtempSync(join(tmpdir(), 'tributary-ballots-')), 'ballots');

  it('are the very same after a restart, one for each proposal of a round', async () => {
    const path = folder();
    const ballots = await openBallots(await openKeptFiles(path));
    await ballots.write(ballot(4, 100));
    await ballots.write({ ...ballot(4, 200), scores: Int16Array.of(1) });
    const again = await openBallots(await openKeptFiles(path));
    expect(again.find(4, 100)).to.deep.equal(ballot(4, 100));
    expect([...again.find(4, 200)!.scores]).to.deep.equal([1]);
    expect(again.find(5, 100)).to.equal(undefined);
  });

  it('know what was found in the rounds before, also after a restart, and not in this one', async () => {
    const path = folder();
    const ballots = await openBallots(await openKeptFiles(path));
    expect(ballots.foundBefore(4).size).to.equal(0);
    for (const [round, proposedAt] of [
      [4, 100],
      [2, 90],
      [3, 95],
    ] as const) {
      await ballots.write(ballot(round, proposedAt));
    }
    await ballots.write({ ...ballot(3, 97), found: new Map([['0xb', [1]]]) });
    const again = await openBallots(await openKeptFiles(path));
    expect(again.foundBefore(3)).to.deep.equal(ballot(2, 90).found);
    // of a round that was repeated, the proposal that stands
    expect(again.foundBefore(4)).to.deep.equal(new Map([['0xb', [1]]]));
    expect(again.foundBefore(9)).to.deep.equal(ballot(4, 100).found);
  });

  it('are forgotten on disk too, and half a file is no ballot', async () => {
    const path = folder();
    const ballots = await openBallots(await openKeptFiles(path));
    await ballots.write(ballot(4, 100));
    await ballots.write(ballot(9, 100));
    await ballots.forgetBefore(9);
    writeFileSync(join(path, 'left-behind-aside'), '{"round"');
    const again = await openBallots(await openKeptFiles(path));
    expect([...again.all()].map(({ round }) => round)).to.deep.equal([9]);
  });
});

describe('who is scored', () => {
  const account = (place: number) => ({ place, payee: '0x', blockNumber: 0 });
  const accounts = new Map([
    ['a', account(2)],
    ['b', account(0)],
    ['c', account(3)],
  ]);

  it('are the inputs with an account when scoring opened, by their places', () => {
    const inputs = ['a', 'b', 'c', 'd'].map((trainer) => ({ trainer }));
    expect(scoredTrainers({ accounts }, inputs, 3)).to.deep.equal(['b', 'a']);
    expect(scoredTrainers({ accounts }, inputs, 4)).to.deep.equal(['b', 'a', 'c']);
    expect(scoredTrainers({ accounts }, inputs, 0)).to.deep.equal([]);
  });
});
