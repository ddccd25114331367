/**
 * No honest proposal can be refuted: whatever evidence is brought against one loses. The evidence is true openings of which something false is
 * claimed; that of a framer, who follows the honest proposal to where it differs from a result of other updates, weights or models;
 * that of a fault in another proposal of the same round, aimed at the honest one; and all of them with bits flipped.
 * TRIBUTARY_WRONG_CHALLENGES of them, TRIBUTARY_FUZZ_SEED.
 */
import { expect } from 'chai';
import { explainChainFailure, revertName } from '../../../client/chain/failure.ts';
import { aggregate } from '../../../client/core/aggregate.ts';
import type { Challenge } from '../../../client/core/challenges/challenge.ts';
import type { VerifiedUpdate } from '../../../client/core/columns.ts';
import { createRandom, type Random } from '../../../client/core/random.ts';
import { prepareUpdate } from '../../../client/core/verify.ts';
import { falsify, kinds } from './falsify.ts';
import { claimFalsely } from './honestClaims.ts';
import { post } from './posted.ts';
import { follow, type Scene, transactionOf } from './pursuit.ts';
import { playReal, propose, type RealRound } from './rounds.ts';

const attempts = Number(process.env.TRIBUTARY_WRONG_CHALLENGES ?? 300);
const seed = process.env.TRIBUTARY_FUZZ_SEED ?? 'wrong challenges';
/** Calls made of one piece of evidence, with other bits flipped in each. */
const flippedPerEvidence = 4;
const evidencePerRound = 24;

const rules = ['mean', 'median', 'trimmedMean:0.2'];
const shapes = [
  { count: 20, dimension: 130 },
  { count: 3, dimension: 200 },
  { count: 1, dimension: 65 },
  { count: 33, dimension: 64, omitted: 2 },
];

/** What a framer says the round's result is. */
const framings: Record<string, (real: RealRound, random: Random) => RealRound> = {
  'another value': (real, random) => withUpdate(real, random, (update) => ({ values: otherValues(update, random) })),
  'another weight': (real, random) => withUpdate(real, random, ({ weight }) => ({ weight: (weight % 65_535) + 1 })),
  'another model before': (real, random) => {
    const base = real.staged.base.slice();
    base[random.below(base.length)]! ^= 1 << random.below(31);
    return { ...real, staged: { ...real.staged, base }, right: aggregate(real.right.rule, base, real.right.updates) };
  },
  'one update fewer': (real, random) => {
    const { updates, rule } = real.right;
    if (updates.length === 1) return framings['another value']!(real, random);
    const out = random.below(updates.length);
    const rest = updates.filter((_, index) => index !== out);
    const included = rest.map(({ trainer }) => trainer);
    return { ...real, right: aggregate(rule, real.staged.base, rest), facts: { ...real.facts, included } };
  },
};

function withUpdate(
  real: RealRound,
  random: Random,
  change: (update: VerifiedUpdate) => Partial<Pick<VerifiedUpdate, 'values' | 'weight'>>,
): RealRound {
  const at = random.below(real.right.updates.length);
  const updates = real.right.updates.map((update, index) => {
    if (index !== at) return update;
    const { trainer, weight, values } = { ...update, ...change(update) };
    return prepareUpdate(trainer, weight, values);
  });
  return { ...real, right: aggregate(real.right.rule, real.staged.base, updates) };
}

function otherValues({ values }: VerifiedUpdate, random: Random): Int16Array {
  const other = values.slice();
  other[random.below(other.length)]! ^= 1 << random.below(15);
  return other;
}

/** Evidence that a framer has against the honest proposal; undefined where following it leads to none. */
async function frame(scene: Scene, random: Random): Promise<Challenge | undefined> {
  const names = Object.keys(framings);
  const framed = framings[names[random.below(names.length)]!]!(scene, random);
  const end = await follow({ ...scene, ...framed }, random.below(2) === 0);
  return end !== undefined && 'challenge' in end ? end.challenge : undefined;
}

/** Evidence against another proposal of the round. */
async function borrow(scene: Scene, random: Random): Promise<Challenge | undefined> {
  const falsified = falsify(kinds[random.below(kinds.length)]!, scene, random);
  if (falsified === undefined) return undefined;
  const other = { ...scene, ...falsified.real, posted: falsified.posted };
  // what it must have opened, the honest proposal does not hold: only what is published is followed
  const end = await follow(other, true).catch(() => undefined);
  return end !== undefined && 'challenge' in end ? end.challenge : undefined;
}

function flipBits(data: string, random: Random): string {
  const bytes = Buffer.from(data.slice(2), 'hex');
  // behind the selector
  for (let flips = random.below(3); flips > 0; flips--)
    bytes[4 + random.below(bytes.length - 4)]! ^= 1 << random.below(8);
  return `0x${bytes.toString('hex')}`;
}

describe('An honest proposal', function () {
  this.timeout(120_000 + attempts * 200);

  it(`stands, whatever is brought against it: ${attempts} wrong challenges (seed "${seed}")`, async () => {
    const random = createRandom(seed);
    const methods = new Set<string>();
    const refusals = new Set<string | undefined>();
    let done = 0;
    for (let round = 0; done < attempts; round++) {
      const shape = shapes[round % shapes.length]!;
      const real = await playReal({ ...shape, rule: rules[round % rules.length]!, seed: `${seed} ${round}` });
      const scene = await propose(real, post(real.right));
      const snapshot = await real.staged.networkHelpers.takeSnapshot();
      for (let i = 0; i < evidencePerRound && done < attempts; i++) {
        const challenge = await [claimFalsely, claimFalsely, frame, borrow][random.below(4)]!(scene, random);
        await snapshot.restore();
        if (challenge === undefined) continue;
        methods.add(challenge.method);
        const { to, data } = await transactionOf(scene.staged, challenge, scene.proposal);
        for (let call = 0; call < flippedPerEvidence && done < attempts; call++, done++) {
          const tried = call === 0 ? data : flipBits(data, random);
          const refusal = await scene.staged.stranger.call({ to, data: tried }).then(
            () => undefined,
            (error: unknown) => explainChainFailure(error, challenge.method),
          );
          expect(refusal, `round ${round}: ${challenge.method} holds: ${tried}`).to.be.an('error');
          if (call === 0) refusals.add(revertName(refusal));
        }
      }
    }
    // it says something only if evidence of many sorts was among it
    if (attempts >= 300) {
      expect(methods.size, [...methods].join()).to.be.at.least(12);
      // and that the last check of all was reached
      expect([...refusals]).to.include.members(['LeafIsRight', 'SumIsRight', 'QuotedRightly']);
    }
  });
});
