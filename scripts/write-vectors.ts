/**
 * Writes the vectors of this version that are not there yet: `node scripts/write-vectors.ts`. A vector once written never
 * changes; where one no longer follows from its inputs, this fails, and so do the tests that read it. A protocol that
 * differs takes a new version.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRandom } from '../client/core/random.ts';
import { describeRound, describeUpdate, modelHex, type RoundInputs, updateHex } from './vectors.ts';

const folder = new URL('../vectors/v1/', import.meta.url);
const federation = '0x5fbdb2315678afecb367f032d93f642f64180aa3';

/** Rows of `dimension` values: a fifth at the ends of the range, a fifth ties, the others anywhere. */
function mixedValues(name: string, dimension: number): number[] {
  const random = createRandom('vectors/v1', name);
  return Array.from({ length: dimension }, () => {
    const kind = random.below(5);
    if (kind === 0) return random.below(2) === 0 ? -32_768 : 32_767;
    return kind === 1 ? random.below(3) - 1 : random.below(65_536) - 32_768;
  });
}

function trainerOf(name: string, index: number): string {
  const random = createRandom('vectors/v1/trainer', name, index);
  const tail = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, '0')).join('');
  return `0x${(index + 1).toString(16).padStart(8, '0')}${tail}`;
}

function mixedRound(name: string, rule: string, count: number, dimension: number, largestWeights = false): RoundInputs {
  const random = createRandom('vectors/v1/weights', name);
  const model = Array.from({ length: dimension }, (_, i) =>
    i % 7 === 0 ? 2 ** 31 - 1 : i % 7 === 1 ? -(2 ** 31) : random.uint32() - 2 ** 31,
  );
  return {
    rule,
    dimension,
    model: modelHex(model),
    trainers: Array.from({ length: count }, (_, i) => trainerOf(name, i)),
    weights: Array.from({ length: count }, () => (largestWeights ? 65_535 : 1 + random.below(65_535))),
    updates: Array.from({ length: count }, (_, i) => updateHex(mixedValues(`${name}/${i}`, dimension))),
  };
}

function handRound(rule: string, rows: number[][], weights: number[]): RoundInputs {
  const dimension = rows[0]!.length;
  return {
    rule,
    dimension,
    model: modelHex(new Array(dimension).fill(0)),
    trainers: rows.map((_, i) => trainerOf(rule, i)),
    weights,
    updates: rows.map(updateHex),
  };
}

const updates = { single: 1, 'one-chunk': 64, partial: 150, deep: 64 * 9 };
const rounds: Record<string, RoundInputs> = {
  'mean-by-hand': handRound(
    'mean',
    [
      [1, -1, 32_767, 0],
      [2, -2, -32_768, 1],
    ],
    [1, 2],
  ),
  'mean-halves': handRound(
    'mean',
    [
      [1, -1, 3, -3],
      [0, 0, 0, 0],
    ],
    [1, 511],
  ),
  'mean-single': mixedRound('mean-single', 'mean', 1, 3),
  'mean-uneven': mixedRound('mean-uneven', 'mean', 5, 150),
  'mean-17-largest': mixedRound('mean-17-largest', 'mean', 17, 64, true),
  'mean-40': mixedRound('mean-40', 'mean', 40, 70),
  'median-single': mixedRound('median-single', 'median', 1, 5),
  'median-odd': handRound(
    'median',
    [
      [5, -7, 2],
      [-3, 0, 2],
      [1, -9, 2],
    ],
    [1, 1, 9],
  ),
  'median-even-ties': handRound(
    'median',
    [
      [2, -9],
      [7, -1],
      [7, -3],
      [2, -2],
    ],
    [1, 1, 1, 1],
  ),
  'median-33': mixedRound('median-33', 'median', 33, 70),
  'trimmed-by-hand': handRound(
    'trimmedMean:0.2',
    [
      [4, -4],
      [32_767, 32_767],
      [1, -1],
      [-32_768, -32_768],
      [2, -2],
    ],
    [1, 2, 3, 4, 5],
  ),
  'trimmed-20': mixedRound('trimmed-20', 'trimmedMean:0.2', 20, 130),
  'trimmed-nothing': mixedRound('trimmed-nothing', 'trimmedMean:0.1', 7, 64),
};

await mkdir(new URL('updates/', folder), { recursive: true });
await mkdir(new URL('rounds/', folder), { recursive: true });
for (const [name, dimension] of Object.entries(updates)) {
  const update = updateHex(mixedValues(name, dimension));
  const inputs = { chainId: 31_337, federation, round: dimension, trainer: trainerOf(name, 0), dimension, update };
  await writeOnce(`updates/${name}.json`, describeUpdate(inputs));
}
for (const [name, inputs] of Object.entries(rounds)) await writeOnce(`rounds/${name}.json`, describeRound(inputs));

async function writeOnce(path: string, vector: unknown): Promise<void> {
  const url = new URL(path, folder);
  const text = `${JSON.stringify(vector, null, 1)}\n`;
  const written = await readFile(url, 'utf8').catch(() => undefined);
  if (written === undefined) {
    await writeFile(url, text);
    console.log(`wrote ${path}`);
  } else if (written !== text) {
    throw new Error(`${path} is written already and says something else: add a new vector, or a new version.`);
  }
}
