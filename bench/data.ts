/**
 * How long a table of a million rows and fifty columns takes to be checked and to be loaded, and the memory of it: 0.3 GB with numbers of up to
 * six decimals, 0.8 GB with all that double precision has. Run: node bench/data.ts
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labelCountOf, shapeOfData } from '../client/core/data/description.ts';
import { createRandom } from '../client/core/random.ts';
import { describeData } from '../client/training/data/describe.ts';
import { inspectData } from '../client/training/data/source.ts';

const [rows, columns] = [1_000_000, 50];
const kinds = ['red', 'green', 'blue'];

/** Every tenth column is a category. */
async function writeTable(path: string, numberOf: (value: number, column: number) => string, count: number) {
  const random = createRandom('bench');
  const out = createWriteStream(path);
  out.write(`${Array.from({ length: columns }, (_, column) => `c${column}`).join()},label\n`);
  for (let row = 0; row < count; row++) {
    const cells = Array.from({ length: columns }, (_, column) =>
      column % 10 === 9 ? kinds[random.below(3)] : numberOf(100 * random.float(), column),
    );
    if (!out.write(`${cells.join()},${random.below(2) === 0 ? 'no' : 'yes'}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

/** In a process of its own, so that the memory is its own. */
async function measure(path: string, sample: string, options: string) {
  const { data } = await describeData(`csv:${sample}`, { label: ['label'] });
  const task = { model: { inputShape: shapeOfData(data), classes: labelCountOf(data) }, data };
  const start = performance.now();
  const { dataset, refusal } = await inspectData(`csv:${path}${options}`, task);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  const what = options === '' ? 'checked' : `loaded, ${options.slice(1)}`;
  console.log(
    `  ${what}: ${seconds} s, ${megabytes} MiB, ${dataset.count} samples${refusal ? `, ${refusal.message}` : ''}`,
  );
}

const [path, sample, options] = process.argv.slice(2);
if (path !== undefined && sample !== undefined) await measure(path, sample, options ?? '');
else {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const writers = {
    'six decimals': (v: number, c: number) => v.toFixed(c % 7),
    'all digits': (v: number) => String(v),
  };
  for (const [name, numberOf] of Object.entries(writers)) {
    const files = [join(folder, 'table.csv'), join(folder, 'sample.csv')] as const;
    await writeTable(files[0], numberOf, rows);
    await writeTable(files[1], numberOf, 2000);
    console.log(`${rows} rows, ${columns} columns, ${name}, ${Math.round(statSync(files[0]).size / 1e6)} MB:`);
    for (const given of ['', '?heldOut=0.2&shard=1/2']) {
      spawnSync(process.execPath, [new URL(import.meta.url).pathname, ...files, given], { stdio: 'inherit' });
    }
  }
  rmSync(folder, { recursive: true });
}
