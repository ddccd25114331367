/**
 * What aggregation costs on one thread: `node bench/aggregation.ts`. Best of five runs, in milliseconds; "arithmetic" is
 * the next model alone, "committed" adds every commitment of a proposal (model, inputs and column trees).
 */
import { aggregate, aggregateModel } from '../client/core/aggregate.ts';
import type { VerifiedUpdate } from '../client/core/columns.ts';
import { buildUpdateTree } from '../client/core/commitment.ts';
import { createRandom } from '../client/core/random.ts';
import { parseRule } from '../client/core/rules/parseRule.ts';
import { prepareUpdate } from '../client/core/verify.ts';

const cases = [
  { updates: 5, dimension: 1_663_370 },
  { updates: 10, dimension: 1_000_000 },
  { updates: 100, dimension: 100_000 },
];
const rules = ['mean', 'median', 'trimmedMean:0.2'];

console.table(cases.flatMap(measureCase));

function measureCase({ updates: count, dimension }: (typeof cases)[number]): Record<string, string | number>[] {
  const updates = Array.from({ length: count }, (_, index) => syntheticUpdate(index, dimension));
  const model = new Int32Array(dimension);
  const size = `${count} × ${dimension}`;
  const tree = bestMilliseconds(() => buildUpdateTree(updates[0]!.values));
  return rules.map((text) => {
    const rule = parseRule(text);
    const arithmetic = bestMilliseconds(() => aggregateModel(rule, model, updates));
    const committed = bestMilliseconds(() => aggregate(rule, model, updates));
    return { size, rule: text, 'one update tree': tree, arithmetic, committed };
  });
}

function syntheticUpdate(index: number, dimension: number): VerifiedUpdate {
  const random = createRandom('bench', index);
  const values = Int16Array.from({ length: dimension }, () => (random.uint32() >>> 20) - 2048);
  return prepareUpdate(`0x${(index + 1).toString(16).padStart(40, '0')}`, 100 + index, values);
}

function bestMilliseconds(run: () => unknown): number {
  const times = Array.from({ length: 5 }).map(() => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.round(Math.min(...times));
}
