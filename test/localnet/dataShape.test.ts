import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import {
  describeOwnData,
  sourceOfHeldOut,
  sourceOfShard,
  sourceOfValidation,
} from '../../client/localnet/dataShape.ts';
import { federationOf } from '../../client/localnet/federationOf.ts';
import { parseStartOptions } from '../../client/localnet/options.ts';
import { loadData } from '../../client/training/data/source.ts';
import { expectRejection } from '../training/data/rejection.ts';

describe('the data of a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-run-'));
  const path = join(folder, 'table.csv');
  const source = `csv:${path}?label=CD4%2B&ignore=a%26b&delimiter=;`;
  before(() => {
    const rows = Array.from({ length: 50 }, (_, i) => `${i % 13};${i};${i % 3 === 0 ? 'low' : 'high'}`);
    writeFileSync(path, `x;a&b;CD4+\n${rows.join('\n')}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is described from the whole file, and each process reads its part without what described it', async () => {
    const own = await describeOwnData(source, undefined);
    expect(own).to.deep.include({ inputShape: [1], classes: 2 });
    const shards = [1, 2].map((shard) => sourceOfShard(source, `${shard}/2`, 'dirichlet:0.5', '7'));
    expect(shards[0]).to.equal(`csv:${path}?shard=1/2&partition=dirichlet:0.5&seed=7&heldOut=0.2&delimiter=;`);
    const sources = [...shards, sourceOfValidation(source, '1/1', '7')];
    const sets = await Promise.all(sources.map((one) => loadData(one, own)));
    expect(sets.reduce((sum, { count }) => sum + count, 0)).to.equal(50);
    const given = sourceOfShard(`${source}&heldOut=0.5&seed=3`, '1/2', 'iid', '7');
    expect(given).to.equal(`csv:${path}?shard=1/2&partition=iid&delimiter=;&heldOut=0.5&seed=3`);
    expect(sourceOfHeldOut('mnist', '7')).to.equal('mnist?set=heldOut&seed=7');
  });

  it('is in the configuration of the run, which takes shape, classes and loss from it', async () => {
    const options = parseStartOptions({ data: source, trainers: '2', partition: 'iid' });
    const own = await describeOwnData(source, undefined);
    const config = await federationOf(options, own);
    expect(config.data).to.deep.equal(own.data);
    expect(config.model).to.deep.include({ inputShape: [1], classes: 2 });
    const numbers = await describeOwnData(`csv:${path}?label=x&target=number&ignore=a%26b`, undefined);
    const regression = await federationOf({ ...options, data: `csv:${path}` }, numbers);
    expect(regression.training.loss).to.equal('squaredError');
  });

  it('of pictures becomes the shape that is asked for', async () => {
    const grey = await sharp(Buffer.alloc(4), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    for (const name of ['a', 'b']) {
      mkdirSync(join(folder, 'photos', name), { recursive: true });
      writeFileSync(join(folder, 'photos', name, '1.png'), grey);
    }
    const photos = `images:${join(folder, 'photos')}`;
    expect((await describeOwnData(photos, undefined)).inputShape).to.deep.equal([1, 2, 2]);
    const own = await describeOwnData(photos, undefined, [3, 5, 6]);
    expect(own).to.deep.include({ inputShape: [3, 5, 6], classes: 2 });
    expect(own.data).to.deep.include({ channels: 3, height: 5, width: 6, classes: ['a', 'b'] });
  });

  it('is what a configuration says it is, where there is one', async () => {
    const { data } = await describeOwnData(source, undefined);
    const own = await describeOwnData('csv:elsewhere.csv', data);
    expect(own).to.deep.include({ data, inputShape: [1], classes: 2, questions: [] });
    await expectRejection(() => describeOwnData(source, data), 'CONFIG_INVALID', /label: the task's description/);
    expect(await describeOwnData('mnist', undefined)).to.deep.include({ inputShape: [1, 28, 28], classes: 10 });
  });
});
