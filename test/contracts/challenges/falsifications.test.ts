/**
 * Whatever single thing is wrong with a proposal, a watcher that follows the evidence voids it: with all published that a proposer
 * publishes, and with everything withheld and opened on demand. TRIBUTARY_FALSIFICATIONS of them, TRIBUTARY_FUZZ_SEED.
 */
import { expect } from 'chai';
import { createRandom, type Random } from '../../../client/core/random.ts';
import { falsify, kinds } from './falsify.ts';
import { post } from './posted.ts';
import { pursue } from './pursuit.ts';
import { playReal, propose, type RealRound } from './rounds.ts';

const falsifications = Number(process.env.TRIBUTARY_FALSIFICATIONS ?? 60);
const seed = process.env.TRIBUTARY_FUZZ_SEED ?? 'falsifications';
/** How many of one round. */
const perRound = 20;

const rules = ['mean', 'median', 'trimmedMean:0.2'];
const counts = [20, 1, 5, 48, 2, 16, 3, 33, 17, 40];
const dimensions = [130, 1, 64, 300, 63, 200, 65];

function playRandom(number: number, random: Random): Promise<RealRound> {
  const count = counts[number % counts.length]!;
  const dimension = dimensions[number % dimensions.length]!;
  const omitted = count > 2 && random.below(3) === 0 ? 1 + random.below(2) : 0;
  return playReal({ rule: rules[number % rules.length]!, count, dimension, omitted, seed: `${seed} ${number}` });
}

describe('A falsified proposal', function () {
  this.timeout(120_000 + falsifications * 2000);

  it(`is void, whatever was falsified: ${falsifications} of them (seed "${seed}")`, async () => {
    const random = createRandom(seed);
    const outcomes = new Set<string | undefined>();
    for (let done = 0, round = 0; done < falsifications; round++) {
      const real = await playRandom(round, random);
      const snapshot = await real.staged.networkHelpers.takeSnapshot();
      for (let i = 0; i < perRound && done < falsifications; i++) {
        const kind = kinds[random.below(kinds.length)]!;
        const falsified = falsify(kind, real, random);
        if (falsified === undefined) continue;
        for (const published of [true, false]) {
          const scene = await propose(falsified.real, falsified.posted).catch(() => undefined);
          // the contract itself refuses some
          if (scene === undefined) break;
          const outcome = await pursue(scene, published).catch((error: unknown) => {
            throw new Error(`round ${round}, ${kind} ${i}, published ${published}`, { cause: error });
          });
          expect(outcome, `round ${round}, ${kind} ${i}, published ${published}`).to.be.a('string');
          outcomes.add(outcome);
          await snapshot.restore();
          if (!published) done++;
        }
      }
    }
    if (falsifications >= 60) {
      // it says something only if proofs of every sort were among them
      for (const proof of ['refuteModelChunk', 'refuteColumnEntry', 'refuteCuts', 'refuteMisquoted', 'refuteMissing']) {
        expect([...outcomes], proof).to.include(proof);
      }
    }
  });

  it('differs from a right one, of which nothing can be proven', async () => {
    const random = createRandom(seed);
    for (let round = 0; round < 6; round++) {
      const real = await playRandom(round, random);
      const scene = await propose(real, post(real.right));
      expect(await pursue(scene, true)).to.equal(undefined);
      expect(await pursue(scene, false)).to.equal(undefined);
    }
  });
});
