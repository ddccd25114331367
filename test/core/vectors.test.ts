import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { describeRound, describeUpdate, type RoundInputs, type UpdateInputs } from '../../scripts/vectors.ts';

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

  it('are all there', () => {
    expect(read('updates')).to.have.length.at.least(4);
    expect(read('rounds')).to.have.length.at.least(13);
  });
});
