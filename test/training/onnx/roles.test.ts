/** Which tensors of a given model are trained. */
import { expect } from 'chai';
import type { ModelTerms, TaskShape } from '../../../client/training/engine.ts';
import { describeFindings } from '../../../client/training/findings.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { createNode } from '../../../client/training/onnx/node.ts';
import type { NodeProto } from '../../../client/training/onnx/proto.ts';
import { rolesOf } from '../../../client/training/onnx/roles.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../client/training/onnx/tensor.ts';
import { bothLosses, compileGiven, dataFor, onnxFile, randomTensor, refusalOf, usualPlan } from './given.ts';

const task: TaskShape = { inputShape: [4], classes: 3 };
const scalar = (value: number) => floatTensor([], [value]);
const constant = (name: string, tensor: ConstantTensor) => createNode('Constant', [], [name], { value: { tensor } });
const weights = {
  w: randomTensor('w', [4, 5]),
  b: randomTensor('b', [5]),
  v: randomTensor('v', [5, 3]),
  c: randomTensor('c', [3]),
};
const first = [createNode('MatMul', ['x', 'w'], ['h0']), createNode('Add', ['h0', 'b'], ['h'])];
const last = (input: string) => [createNode('MatMul', [input, 'v'], ['o']), createNode('Add', ['o', 'c'], ['y'])];

interface Case {
  nodes: NodeProto[];
  initializers: Record<string, ConstantTensor>;
  /** Names of what is trained, in the order of the file. */
  trained: string[];
  frozen?: Record<string, RegExp>;
  terms?: ModelTerms;
}

const all = ['w', 'b', 'v', 'c'];
/** Between the first layer and the last: nodes from `h` to `m`. */
const between = (nodes: NodeProto[], initializers: Record<string, ConstantTensor>, also: string[]): Case => ({
  nodes: [...first, ...nodes, ...last('m')],
  initializers: { ...weights, ...initializers },
  trained: [...all, ...also],
});

const cases: Record<string, Case> = {
  'weights in Constant nodes': {
    nodes: [...Object.entries(weights).map(([name, tensor]) => constant(name, tensor)), ...first, ...last('h')],
    initializers: {},
    trained: all,
  },
  'the last layer in Constant nodes': {
    nodes: [constant('v', weights.v), ...first, constant('c', weights.c), ...last('h')],
    initializers: { w: weights.w, b: weights.b },
    trained: ['w', 'b', 'v', 'c'],
  },
  'weights behind Identity, Transpose, Reshape, Unsqueeze and Squeeze': {
    nodes: [
      createNode('Identity', ['w0'], ['w']),
      createNode('Transpose', ['v0'], ['v'], { perm: [1, 0] }),
      createNode('Reshape', ['b0', 'flat'], ['b']),
      createNode('Unsqueeze', ['c0', 'axis'], ['c1']),
      createNode('Squeeze', ['c1', 'axis'], ['c']),
      ...first,
      ...last('h'),
    ],
    initializers: {
      w0: weights.w,
      v0: randomTensor('v0', [3, 5]),
      b0: randomTensor('b0', [5, 1]),
      c0: weights.c,
      flat: integerTensor([1], [-1]),
      axis: integerTensor([1], [0]),
    },
    trained: ['w0', 'v0', 'b0', 'c0'],
  },
  'weights in float64 behind a cast': {
    nodes: [createNode('Cast', ['w0'], ['w'], { to: 1 }), ...first, ...last('h')],
    initializers: { w0: { type: 'float64', shape: [4, 5], data: Float64Array.from(weights.w.data) }, ...rest('w') },
    trained: ['w0', 'b', 'v', 'c'],
  },
  'one weight in two places': {
    nodes: [
      createNode('MatMul', ['x', 'w'], ['h']),
      createNode('Transpose', ['w'], ['back'], { perm: [1, 0] }),
      createNode('MatMul', ['h', 'back'], ['d']),
      createNode('MatMul', ['d', 'out'], ['y']),
    ],
    initializers: { w: weights.w, out: randomTensor('out', [4, 3]) },
    trained: ['w', 'out'],
  },
  'constants that prepare the input stay': {
    nodes: [
      createNode('Sub', ['x', 'mean'], ['x1']),
      createNode('Div', ['x1', 'std'], ['x2']),
      createNode('Add', ['x2', 'place'], ['x3']),
      createNode('MatMul', ['x3', 'w'], ['h0']),
      createNode('Add', ['h0', 'b'], ['h']),
      ...last('h'),
    ],
    initializers: {
      mean: randomTensor('mean', [1, 4]),
      std: floatTensor([4], [1, 2, 3, 4]),
      place: randomTensor('place', [1, 4]),
      ...weights,
    },
    trained: all,
    frozen: { mean: /prepares the input/, std: /prepares the input/, place: /prepares the input/ },
  },
  'a position, a scale and a bias that are learned': between(
    [
      createNode('Add', ['h', 'position'], ['h1']),
      createNode('Mul', ['h1', 'gain'], ['h2']),
      createNode('Sub', ['h2', 'shift'], ['m']),
    ],
    { position: randomTensor('p', [1, 5]), gain: floatTensor([5], [1, 1, 1, 1, 1]), shift: randomTensor('s', [5]) },
    ['position', 'gain', 'shift'],
  ),
  'numbers of formulas stay, wherever they stand': between(
    [
      constant('third', scalar(0.3)),
      createNode('Div', ['h', 'root2'], ['a']),
      createNode('Add', ['a', 'one'], ['e']),
      createNode('Mul', ['e', 'half'], ['f']),
      createNode('Add', ['f', 'epsilon'], ['g']),
      createNode('Mul', ['g', 'third'], ['m']),
    ],
    { root2: scalar(Math.SQRT2), one: scalar(1), half: scalar(0.5), epsilon: scalar(1e-5) },
    [],
  ),
  'single numbers that are learned, by name or by value': between(
    [createNode('Mul', ['h', 'logit_scale'], ['h1']), createNode('Add', ['h1', 'onnx::Add_17'], ['m'])],
    { logit_scale: scalar(1), 'onnx::Add_17': scalar(0.3137) },
    ['logit_scale', 'onnx::Add_17'],
  ),
  'the bias of a single output, though it is one number': {
    nodes: [...first, createNode('MatMul', ['h', 'v1'], ['o']), createNode('Add', ['o', 'c1'], ['y'])],
    initializers: { w: weights.w, b: weights.b, v1: randomTensor('v1', [5, 1]), c1: floatTensor([1, 1], [0]) },
    trained: ['w', 'b', 'v1', 'c1'],
  },
  'a mask stays': {
    ...between([createNode('Mul', ['h', 'mask'], ['m'])], { mask: floatTensor([5], [1, 0, 1, 1, 0]) }, []),
    frozen: { mask: /mask/ },
  },
  'what the task freezes stays': {
    nodes: [...first, ...last('h')],
    initializers: weights,
    trained: ['b', 'c'],
    frozen: { w: /task says so/, v: /task says so/ },
    terms: { tensors: { w: { frozen: true }, v: { frozen: true, scale: 2 }, c: { scale: 4 } } },
  },
  'what the task trains is trained': {
    nodes: [createNode('Sub', ['x', 'mean'], ['x1']), createNode('MatMul', ['x1', 'w'], ['h']), ...last('h')],
    initializers: { mean: randomTensor('mean', [4]), ...rest('b') },
    trained: ['mean', 'w', 'v', 'c'],
    terms: { tensors: { mean: { frozen: false } } },
  },
};

function rest(without: string): Record<string, ConstantTensor> {
  return Object.fromEntries(Object.entries(weights).filter(([name]) => name !== without));
}

describe('of the tensors of a given model, training changes weights only', () => {
  for (const [name, { nodes, initializers, trained, frozen = {}, terms }] of Object.entries(cases)) {
    it(name, async () => {
      const isOne = trained.includes('v1');
      const shape = isOne ? { ...task, classes: 1 } : task;
      const loss = isOne ? 'squaredError' : 'softmaxCrossEntropy';
      const model = await compileGiven(onnxFile({ nodes, initializers }), shape, { loss, ...(terms && { terms }) });
      const { findings, layout } = model;
      expect(layout.tensors.map((tensor) => tensor.name)).to.have.members(trained);
      expect(findings.trained.map((tensor) => tensor.name)).to.deep.equal(layout.tensors.map((tensor) => tensor.name));
      expect(findings.frozen.map((tensor) => tensor.name)).to.have.members(Object.keys(frozen));
      for (const { name: kept, reason } of findings.frozen) expect(reason).to.match(frozen[kept]!);
      const data = dataFor(shape, loss);
      const { trained: before, evaluated } = await bothLosses(model, data);
      expect(before).to.be.closeTo(evaluated, 1e-5);
      const start = model.initialParameters('a');
      const { parameters } = await model.trainLocally(start, data, { seed: 'a' });
      for (const { name: changed, offset, size } of layout.tensors) {
        const moved = parameters.subarray(offset, offset + size).some((value, i) => value !== start[offset + i]);
        expect(moved, `${changed} is changed`).to.equal(true);
      }
      await model.dispose();
    });
  }

  it('a table of sines and cosines stays, one that is learned does not, side by side or in halves', () => {
    const angle = (row: number, pair: number) => row / 100 ** (pair / 4);
    const interleaved = [0, 1, 2].flatMap((row) =>
      [0, 1, 2, 3].flatMap((pair) => [Math.sin(angle(row, pair)), Math.cos(angle(row, pair))]),
    );
    const halves = [0, 1, 2].flatMap((row) => [
      ...[0, 1, 2, 3].map((pair) => Math.sin(angle(row, pair))),
      ...[0, 1, 2, 3].map((pair) => Math.cos(angle(row, pair))),
    ]);
    for (const [table, isKept] of [
      [floatTensor([1, 3, 8], interleaved), true],
      [floatTensor([3, 8], halves), true],
      [randomTensor('learned', [1, 3, 8]), false],
    ] as const) {
      const { trained, reasons } = rolesOf({
        nodes: [
          createNode('Gather', ['words', 'x'], ['e']),
          createNode('Add', ['e', 'table'], ['p']),
          createNode('MatMul', ['p', 'w'], ['y']),
        ],
        input: 'x',
        initializers: new Map([
          ['words', randomTensor('words', [20, 8])],
          ['table', table],
          ['w', randomTensor('w', [8, 3])],
        ]),
      });
      expect(trained.has('table')).to.equal(!isKept);
      expect(trained.has('words') && trained.has('w')).to.equal(true);
      if (isKept) expect(reasons.get('table')).to.match(/sines/);
    }
  });

  it('and says what it found in lines for a person', async () => {
    const { nodes, initializers } = cases['constants that prepare the input stay']!;
    const model = await compileGiven(onnxFile({ nodes, initializers }), task);
    const [trains, leaves] = describeFindings(model.findings);
    expect(trains).to.equal('The model trains 43 parameters in 4 tensors: w [4,5], b [5], v [5,3], c [3]');
    expect(leaves).to.match(/^It leaves as they are: mean \[1,4\] \(it prepares the input\), std/);
    expect(model.findings.frozen[1]).to.include({ name: 'std', count: 4, largest: 4 });
    await model.dispose();
  });

  const bytes = onnxFile({ nodes: [...first, ...last('h')], initializers: weights });
  const refused: [string, Uint8Array, ModelTerms, RegExp][] = [
    ['a name that it does not have', bytes, { tensors: { vv: { frozen: true } } }, /no tensor "vv".*"v"/],
    [
      'all of it frozen',
      bytes,
      { tensors: Object.fromEntries(all.map((name) => [name, { frozen: true }])) },
      /"w" stays, since the task says so/,
    ],
    [
      'nothing but the preparation of its input',
      onnxFile({ nodes: [createNode('Sub', ['x', 'm'], ['y'])], initializers: { m: randomTensor('m', [4]) } }),
      {},
      /"m" stays, since it prepares the input: train one with .*frozen: false/,
    ],
    [
      'NaN in a weight',
      onnxFile({
        nodes: [...first, ...last('h')],
        initializers: { ...weights, c: floatTensor([3], [1, Number.NaN, 0]) },
      }),
      {},
      /"c" holds NaN/,
    ],
    [
      'infinity in a weight',
      onnxFile({ nodes: [...first, ...last('h')], initializers: { ...weights, c: floatTensor([3], [1, 1 / 0, 0]) } }),
      {},
      /"c" holds Infinity/,
    ],
  ];
  it('a model that starts from random numbers has nothing to freeze', async () => {
    const terms: ModelTerms = { tensors: { 'layer1.weight': { frozen: true } } };
    expect(await refusalOf(createOnnxEngine().compile({ kind: '2nn', ...task, ...terms }, usualPlan))).to.match(
      /layer1\.weight.*starts from random numbers/,
    );
  });

  for (const [what, file, terms, message] of refused) {
    it(`a model is refused with ${what}`, async () => {
      const shape = what.startsWith('nothing') ? { inputShape: [4], classes: 4 } : task;
      expect(await refusalOf(compileGiven(file, shape, { terms }))).to.match(message);
    });
  }
});
