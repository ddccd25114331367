/** Three hospitals with tables of their own, and what they learn together: docs/data.md. The table: wdbc.md. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type DataDescription, labelCountOf, shapeOfData } from '../../../client/core/data/description.ts';
import { createRandom, shuffleInPlace } from '../../../client/core/random.ts';
import { describeData } from '../../../client/training/data/describe.ts';
import { loadData, readData } from '../../../client/training/data/source.ts';
import type { CompiledModel, Dataset } from '../../../client/training/engine.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { createPlan } from '../plan.ts';
import { createFolder } from './folder.ts';
import { expectRejection } from './rejection.ts';

type Cells = string[];

const wholeTable = fileURLToPath(new URL('wdbc.csv', import.meta.url));
const [header, ...inOrder] = readFileSync(wholeTable, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(',')) as [Cells, ...Cells[]];
const random = createRandom('wdbc');
const order = inOrder.map((_, row) => row);
shuffleInPlace(order, random);
const rows = order.map((row) => inOrder[row]!);
const heldOut = rows.slice(0, 169);
const sites = [rows.slice(169, 303), rows.slice(303, 436), rows.slice(436)] as const;

const rounds = 10;
const epochs = 3;

describe('a federation of hospitals whose tables differ', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let data: DataDescription;
  let model: CompiledModel;
  before(async () => {
    folder = await createFolder();
  });
  after(async () => {
    await model?.dispose();
    await folder.remove();
  });

  const write = async (name: string, head: Cells, body: readonly Cells[], separator = ',') => {
    const text = [head, ...body].map((cells) => cells.join(separator)).join('\n');
    return `csv:${await folder.write(name, text)}`;
  };
  const task = () => ({ inputShape: shapeOfData(data), classes: labelCountOf(data), data });

  it('agrees on one description, which the first of them proposes', async () => {
    const source = await write('first.csv', header, sites[0]);
    const proposed = await describeData(source, { label: ['diagnosis'] });
    if (proposed.data.kind !== 'table') throw new Error('no table');
    expect(proposed.data.columns.map(({ name }) => name)).to.deep.equal(header.slice(0, -1));
    expect(proposed.data.label).to.deep.include({ classes: ['benign', 'malignant'] });
    // the first has no missing values, others may
    const missing = { as: ['', 'NA'], become: 'mean' as const, indicator: false };
    const columns = proposed.data.columns.map((column) => (column.kind === 'number' ? { ...column, missing } : column));
    data = { ...proposed.data, columns };
  });

  it('refuses the one in other units, and says which', async () => {
    const area = header.indexOf('area (mean)');
    const other = sites[1].map((cells) => cells.with(area, String(Number(cells[area]) / 100)));
    const source = await write('units.csv', header, other);
    await expectRejection(
      () => loadData(source, task()),
      'DATA_INVALID',
      /"area \(mean\)" has the mean 6\.\d+ here and 6\d\d\.?\d* ± .* in the task: it looks like .*Convert the column/,
    );
    expect((await loadData(`${source}?units=confirmed`, task())).count).to.equal(other.length);
  });

  it('learns what the pooled data teaches, to within a point', async () => {
    model = await createOnnxEngine().compile(
      { kind: 'logistic', ...task() },
      createPlan({ learningRate: 0.02, epochs, batchSize: 10 }),
    );
    const turned = (cells: Cells) => [...cells.toReversed(), 'note'];
    const withGaps = sites[2].map((cells) => cells.map((cell, at) => (at < 30 && random.float() < 0.03 ? 'NA' : cell)));
    const sources = [
      await write('first.csv', header, sites[0]),
      await write('second.csv', [...header.toReversed(), 'remarks'], sites[1].map(turned), ';'),
      await write('third.csv', header, withGaps),
    ];
    const read = await Promise.all(sources.map((source) => readData(source, { model: task(), data })));
    expect(read.map(({ report }) => report.used)).to.deep.equal(sites.map(({ length }) => length));
    expect(read[1]!.report.remarks.join(' ')).to.match(/does not use the columns remarks.*another order/);
    expect(read[2]!.report.columns.reduce((sum, { missing }) => sum + missing, 0)).to.be.above(80);

    const pool = await loadData(await write('pool.csv', header, sites.flat()), task());
    const test = await loadData(await write('test.csv', header, heldOut), task());
    const federated = await model.evaluate(await train(read.map(({ dataset }) => dataset)), test);
    const pooled = await model.evaluate(await train([pool]), test);
    expect(pooled.accuracy).to.be.above(0.95);
    expect(100 * Math.abs(federated.accuracy - pooled.accuracy)).to.be.below(1);
  });

  /** Federated averaging (McMahan et al., algorithm 1); with one shard ordinary training. */
  async function train(shards: readonly Dataset[]): Promise<Float32Array> {
    const total = shards.reduce((sum, { count }) => sum + count, 0);
    let global = model.initialParameters('wdbc');
    for (let round = 1; round <= rounds; round++) {
      const next = new Float32Array(global.length);
      for (const [site, shard] of shards.entries()) {
        const { parameters } = await model.trainLocally(global, shard, { seed: `${site}/${round}` });
        for (let i = 0; i < next.length; i++) next[i]! += (parameters[i]! * shard.count) / total;
      }
      global = next;
    }
    return global;
  }
});
