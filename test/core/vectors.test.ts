import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  describeRound,
  describeUpdate,
  type Kind,
  kinds,
  type RoundInputs,
  type UpdateInputs,
} from '../../scripts/vectors.ts';

const folder = new URL('../../vectors/v1/', import.meta.url);

function read(kind: string): [string, unknown][] {
  const names = readdirSync(new URL(`${kind}/`, folder));
  return names.map((name) => [name, JSON.parse(readFileSync(new URL(`${kind}/${name}`, folder), 'utf8'))]);
}

/** Each file is recomputed from the inputs in it. */
describe('vectors of version 1', () => {
  for (const [name, vector] of read('updates')) {
    it(`updates/${name} still holds`, () => {
      const { chainId, federation, round, trainer, dimension, update } = vector as UpdateInputs;
      expect(describeUpdate({ chainId, federation, round, trainer, dimension, update })).to.deep.equal(vector);
    });
  }

  for (const [name, vector] of read('rounds')) {
    it(`rounds/${name} still holds`, () => {
      const { rule, dimension, model, trainers, weights, updates } = vector as RoundInputs;
      expect(describeRound({ rule, dimension, model, trainers, weights, updates })).to.deep.equal(vector);
    });
  }

  for (const kind of Object.keys(kinds) as Kind[]) {
    for (const [name, vector] of read(kind)) {
      it(`${kind}/${name} still holds`, async () => {
        const { given, follows } = vector as { given: never; follows: unknown };
        expect(await kinds[kind](given)).to.deep.equal(follows);
      });
    }
  }

  it('are all there', () => {
    const least: Record<Kind | 'updates' | 'rounds', number> = {
      updates: 4,
      rounds: 13,
      streams: 2,
      encodings: 1,
      submissions: 2,
      proposals: 2,
      weights: 3,
      scores: 4,
      lots: 2,
      balances: 4,
      statements: 5,
      attestations: 2,
      uploads: 1,
      manifests: 2,
      blobs: 5,
    };
    expect(readdirSync(folder).sort()).to.deep.equal(Object.keys(least).sort());
    for (const [kind, count] of Object.entries(least)) expect(read(kind), kind).to.have.length.at.least(count);
  });
});
