/**
 * Writes the vectors of this version that are not there yet: `node scripts/write-vectors.ts`. A vector once written never
 * changes; where one no longer follows from its inputs, this fails, and so do the tests that read it. A protocol that
 * differs takes a new version.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { getAddress, id } from 'ethers';
import { createRandom } from '../client/core/random.ts';
import {
  balancesHex,
  describeRound,
  describeUpdate,
  floatDigits,
  type Given,
  type Kind,
  kinds,
  modelHex,
  type RoundInputs,
  updateHex,
} from './vectors.ts';

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

function addressOf(name: string, index: number): string {
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
    trainers: Array.from({ length: count }, (_, i) => addressOf(name, i)),
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
    trainers: rows.map((_, i) => addressOf(rule, i)),
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

const chainId = 31_337;
const rewards = '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512';

/** Scores at the ends of the range, at zero, and anywhere. */
function mixedScores(name: string, count: number): number[] {
  const random = createRandom('vectors/v1/scores', name);
  const ends = [-32_768, 32_767, 0, -1];
  return Array.from({ length: count }, (_, i) => ends[i] ?? random.below(65_536) - 32_768);
}

function mixedBalances(name: string, count: number): string {
  const random = createRandom('vectors/v1/balances', name);
  return balancesHex(
    Array.from({ length: count }, (_, place) => ({
      cumulativeGwei: place === 0 ? 2n ** 64n - 1n : (BigInt(random.uint32()) << 16n) + BigInt(place),
      reputation: place === 0 ? 65_535 : random.below(65_536),
    })),
  );
}

function scoresOf(name: string, count: number): Given<'scores'> {
  const evaluator = addressOf(name, 0);
  const proposedAt = 1_764_500_000 + count;
  return {
    chainId,
    rewards,
    round: 1 + count,
    evaluator,
    proposedAt,
    salt: id(name),
    scores: mixedScores(name, count),
  };
}

/** Trainers at every second place, evaluators behind them, and one evaluator without an account. */
function mixedStatement(name: string, trainers: number, evaluators: number): Given<'statements'> {
  const random = createRandom('vectors/v1/statements', name);
  const places = 2 * trainers + evaluators;
  return {
    round: 3 + trainers,
    trainers: Array.from({ length: trainers }, (_, i) => ({
      place: 2 * i,
      inputIndex: trainers - 1 - i,
      trainer: addressOf(`${name}/trainer`, i),
      stakeTokens: String(100 + random.below(900)),
    })),
    evaluators: Array.from({ length: evaluators }, (_, i) => ({
      evaluator: addressOf(`${name}/evaluator`, i),
      place: i === 0 ? null : 2 * trainers + i,
      salt: id(`${name}/${i}`),
      stakeTokens: String(100 + random.below(900)),
      scores: Array.from({ length: trainers }, (_, j) => 1000 * j - 3000 + random.below(2500)),
    })),
    terms: {
      rewardGwei: '100000000007',
      availableGwei: '7000000000000',
      aggregatorBasisPoints: 500,
      evaluatorBasisPoints: 1500,
    },
    aggregatorPlace: places,
    accounts: places + 1,
    previous: mixedBalances(name, places - 1),
  };
}

const smallStatement: Given<'statements'> = {
  round: 7,
  trainers: [
    { place: 0, inputIndex: 2, trainer: addressOf('small', 2), stakeTokens: '10' },
    { place: 1, inputIndex: 0, trainer: addressOf('small', 0), stakeTokens: '20' },
    { place: 3, inputIndex: 1, trainer: addressOf('small', 1), stakeTokens: '30' },
  ],
  evaluators: [
    { evaluator: addressOf('small/evaluator', 0), place: 1, salt: id('0'), stakeTokens: '2', scores: [4, 0, -1] },
    { evaluator: addressOf('small/evaluator', 1), place: 2, salt: id('1'), stakeTokens: '3', scores: [8, -1, 2] },
    { evaluator: addressOf('small/evaluator', 2), place: 4, salt: id('2'), stakeTokens: '2', scores: [6, 10, 2] },
  ],
  terms: { rewardGwei: '1001', availableGwei: '5000', aggregatorBasisPoints: 500, evaluatorBasisPoints: 1500 },
  aggregatorPlace: 3,
  accounts: 5,
  previous: balancesHex([
    { cumulativeGwei: 100n, reputation: 8 },
    { cumulativeGwei: 5n, reputation: 60_001 },
    { cumulativeGwei: 0n, reputation: 0 },
    { cumulativeGwei: 7n, reputation: 65_535 },
  ]),
};

const proposal: Given<'proposals'>['proposal'] = {
  round: 9,
  baseRound: 7,
  inputCount: 40,
  totalWeight: 1_234_567,
  rule: 0,
  trimBasisPoints: 0,
  baseModelRoot: id('base model'),
  modelRoot: id('model'),
  modelCid: id('model cid'),
  inputsCid: id('inputs cid'),
  inputsRoot: id('inputs'),
  columnsRoot: id('columns'),
  reputations: `${id('balances').slice(0, 54)}0000000507d0`,
};
const noWord = `0x${'00'.repeat(32)}`;
const submission = { chainId, federation, trainer: addressOf('submission', 0) };
const attestation = { chainId, federation, privateKey: id('a key that everybody knows') };

const manifest: Given<'manifests'>['manifest'] = {
  format: 'tributary-task/1',
  name: 'Digits – “é”',
  model: { kind: 'logistic', inputShape: [28, 28], classes: 10 },
  training: {
    optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    learningRate: 0.1,
    epochs: 1,
    batchSize: 32,
    proximalMu: 0,
    loss: 'softmaxCrossEntropy',
  },
  samplesPerWeight: 1,
  seed: '7',
};

const more: { [K in Kind]: Record<string, Given<K>> } = {
  streams: {
    rounding: { label: ['7', 'rounding', getAddress(addressOf('stream', 0)), '12'] },
    escaped: { label: ['a "quoted" é', ''] },
  },
  encodings: {
    mixed: {
      seed: '7',
      trainer: getAddress(addressOf('encoding', 0)),
      round: 3,
      // ties, both ends, beyond them, the smallest normal and subnormal floats
      update: floatDigits(
        Float32Array.of(0, -0, 2 ** -17, -(2 ** -17), 0.1, -0.1, 0.5, -0.5, 7, -7, 2 ** -126, -(2 ** -149), 0.25),
      ),
      parameters: floatDigits(
        Float32Array.of(0, -0, 2 ** -25, -(2 ** -25), 3 * 2 ** -25, -3 * 2 ** -25, 0.1, -0.1, 128, -128, 200, -200),
      ),
      // where 24 bits do not hold an int32: ties to even
      model: [0, 1, -1, 2 ** 24, 2 ** 24 + 1, 2 ** 24 + 3, -(2 ** 24) - 1, 2 ** 31 - 1, -(2 ** 31), 123_456_789],
    },
  },
  submissions: {
    ordinary: {
      ...submission,
      round: 5,
      updateRoot: id('update'),
      squaredNorm: 68_719_489_081,
      weight: 258,
      cid: id('cid'),
    },
    largest: {
      ...submission,
      round: 2 ** 31 - 1,
      updateRoot: id('another update'),
      squaredNorm: 2 ** 53 - 1,
      weight: 65_535,
      cid: id('another cid'),
    },
  },
  proposals: {
    'mean-with-reputations': {
      chainId,
      federation,
      proposer: addressOf('proposer', 0),
      proposal,
      omitted: [addressOf('omitted', 0), addressOf('omitted', 1)],
      nextReputations: `${id('later balances').slice(0, 54)}0000000807d0`,
    },
    'trimmed-nobody-omitted': {
      chainId: 1,
      federation,
      proposer: addressOf('proposer', 1),
      proposal: { ...proposal, round: 1, baseRound: 0, rule: 2, trimBasisPoints: 2000, reputations: noWord },
      omitted: [],
      nextReputations: noWord,
    },
  },
  weights: Object.fromEntries(
    [1000, 2000, 10_000].map((floorBasisPoints) => [
      `floor-${floorBasisPoints}`,
      {
        balancesRoot: id('balances'),
        accounts: 5,
        floorBasisPoints,
        cases: [1, 2, 9, 258, 65_535].flatMap((weight) =>
          [0, 1, 32_767, 65_534, 65_535].map((reputation) => ({ weight, reputation })),
        ),
      },
    ]),
  ),
  scores: {
    none: scoresOf('none', 0),
    one: scoresOf('one', 1),
    sixteen: scoresOf('sixteen', 16),
    forty: scoresOf('forty', 40),
  },
  lots: {
    'some-of-twelve': {
      modelRoot: id('model'),
      evaluatorCount: 12,
      committeeSize: 5,
      evaluators: Array.from({ length: 12 }, (_, i) => addressOf('lot', i)),
    },
    'all-where-there-are-seats': {
      modelRoot: id('model'),
      evaluatorCount: 3,
      committeeSize: 3,
      evaluators: Array.from({ length: 3 }, (_, i) => addressOf('lot', i)),
    },
  },
  balances: {
    none: { balances: '0x', places: [] },
    one: { balances: mixedBalances('one', 1), places: [0] },
    'one-page': { balances: mixedBalances('one-page', 256), places: [0, 255] },
    'three-pages': { balances: mixedBalances('three-pages', 515), places: [0, 256, 514] },
  },
  statements: {
    small: smallStatement,
    'without-evaluators': { ...smallStatement, evaluators: [] },
    'without-trainers': {
      ...smallStatement,
      trainers: [],
      evaluators: smallStatement.evaluators.map((evaluator) => ({ ...evaluator, scores: [] })),
      aggregatorPlace: null,
    },
    'dry-pool': { ...smallStatement, terms: { ...smallStatement.terms, availableGwei: '333' } },
    mixed: mixedStatement('mixed', 20, 5),
  },
  attestations: {
    first: { ...attestation, round: 5, edition: 0, inputsRoot: id('inputs') },
    'last-edition': { ...attestation, chainId: 1, round: 2 ** 32 - 1, edition: 255, inputsRoot: id('other inputs') },
  },
  uploads: {
    update: { chainId, federation: getAddress(federation), cid: id('cid'), privateKey: attestation.privateKey },
  },
  manifests: {
    logistic: { manifest },
    'onnx-file': {
      manifest: { ...manifest, model: { ...manifest.model, kind: 'onnx', file: { cid: id('file'), bytes: 123_456 } } },
    },
  },
  blobs: {
    empty: { length: 0 },
    'one-leaf': { length: 2 ** 20 },
    'two-leaves': { length: 2 ** 20 + 1 },
    'three-leaves': { length: 2 ** 21 + 9 },
    'two-full-leaves': { length: 2 ** 21 },
  },
};

for (const kind of ['updates', 'rounds', ...Object.keys(more)])
  await mkdir(new URL(`${kind}/`, folder), { recursive: true });
for (const [name, dimension] of Object.entries(updates)) {
  const update = updateHex(mixedValues(name, dimension));
  const inputs = { chainId: 31_337, federation, round: dimension, trainer: addressOf(name, 0), dimension, update };
  await writeOnce(`updates/${name}.json`, describeUpdate(inputs));
}
for (const [name, inputs] of Object.entries(rounds)) await writeOnce(`rounds/${name}.json`, describeRound(inputs));
for (const [kind, vectors] of Object.entries(more)) {
  const describe = kinds[kind as Kind] as (given: unknown) => unknown;
  for (const [name, given] of Object.entries(vectors)) {
    await writeOnce(`${kind}/${name}.json`, { given, follows: await describe(given) });
  }
}

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
