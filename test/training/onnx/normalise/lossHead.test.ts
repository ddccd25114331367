import { expect } from 'chai';
import type { Loss, TrainingPlan } from '../../../../client/training/engine.ts';
import { type Attributes, createNode, float } from '../../../../client/training/onnx/node.ts';
import type { NodeProto } from '../../../../client/training/onnx/proto.ts';
import { readModel } from '../../../../client/training/onnx/read.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../../../../client/training/onnx/tensor.ts';
import { bothLosses, compileGiven, dataFor, onnxFile, randomTensor, refusalOf } from '../given.ts';

const classes = 3;
const weights = { w: randomTensor('w', [classes, 4]), b: randomTensor('b', [classes]) };
const gemm = (output: string) => createNode('Gemm', ['x', 'w', 'b'], [output], { transB: 1 });

/** A chain of nodes of one input, from the logits `z` to the output `y`; what follows an operator are its constants. */
function ending(
  chain: [opType: string, attributes?: Attributes, ...constants: ConstantTensor[]][],
  outputs = classes,
  opset = 17,
) {
  const initializers: Record<string, ConstantTensor> = {
    w: randomTensor('w', [outputs, 4]),
    b: randomTensor('b', [outputs]),
  };
  const nodes: NodeProto[] = [gemm('z')];
  chain.forEach(([opType, attributes = {}, ...constants], place) => {
    const names = constants.map((_, i) => `c${place}.${i}`);
    constants.forEach((constant, i) => {
      initializers[names[i]!] = constant;
    });
    const from = place === 0 ? 'z' : `v${place}`;
    const to = place === chain.length - 1 ? 'y' : `v${place + 1}`;
    nodes.push(createNode(opType, [from, ...names], [to], attributes));
  });
  return onnxFile({ nodes, initializers, opset });
}

const scalar = (value: number) => floatTensor([], [value]);
const softmax: [string, Attributes] = ['Softmax', { axis: -1 }];
const row = integerTensor([2], [-1, classes]);

const hidden: Record<string, Uint8Array> = {
  Softmax: ending([softmax]),
  'Softmax of opset 11, whose axis 1 is all': ending([['Softmax']], classes, 11),
  LogSoftmax: ending([['LogSoftmax', { axis: 1 }]]),
  'Softmax behind Identity': ending([softmax, ['Identity']]),
  'Softmax behind Cast': ending([softmax, ['Cast', { to: 1 }]]),
  'Softmax behind Reshape': ending([softmax, ['Reshape', {}, row]]),
  'Softmax behind Flatten': ending([softmax, ['Flatten', { axis: 1 }]]),
  'Softmax behind Unsqueeze and Squeeze': ending([
    softmax,
    ['Unsqueeze', {}, integerTensor([1], [1])],
    ['Squeeze', {}, integerTensor([1], [1])],
  ]),
  'Softmax behind two Transposes': ending([softmax, ['Transpose', { perm: [1, 0] }], ['Transpose', { perm: [1, 0] }]]),
  'Softmax before the Reshape of its logits': ending([
    ['Unsqueeze', {}, integerTensor([2], [2, 3])],
    ['Softmax', { axis: 1 }],
    ['Flatten', { axis: 1 }],
  ]),
  'Softmax behind Mul by 1': ending([softmax, ['Mul', {}, scalar(1)]]),
  'Softmax behind Div by 1': ending([softmax, ['Div', {}, floatTensor([classes], [1, 1, 1])]]),
  'Softmax behind Clip': ending([softmax, ['Clip', {}, scalar(1e-7), scalar(1 - 1e-7)]]),
  'Softmax behind Clip of opset 10': ending([softmax, ['Clip', { min: float(1e-7), max: float(1) }]], classes, 10),
  'Softmax, 10⁻⁷ more, behind Log': ending([softmax, ['Add', {}, scalar(1e-7)], ['Log']]),
  'LogSoftmax behind Exp': ending([['LogSoftmax', { axis: -1 }], ['Exp']]),
};

/** exp(z) ÷ Σ exp(z) */
const writtenOut = onnxFile({
  nodes: [
    gemm('z'),
    createNode('Exp', ['z'], ['e']),
    createNode('ReduceSum', ['e', 'axis'], ['s'], { keepdims: 1 }),
    createNode('Div', ['e', 's'], ['y']),
  ],
  initializers: { ...weights, axis: integerTensor([1], [1]) },
});

/** [1 − σ, σ], in this order or the other. */
function pair(order: string[]): Uint8Array {
  return onnxFile({
    nodes: [
      gemm('z'),
      createNode('Sigmoid', ['z'], ['p']),
      createNode('Sub', ['one', 'p'], ['q']),
      createNode('Concat', order, ['y'], { axis: 1 }),
    ],
    initializers: { w: randomTensor('w', [1, 4]), b: randomTensor('b', [1]), one: scalar(1) },
  });
}

/** Two heads of the same input, combined. */
function twoHeads(opType: string, combining: string, outputs: [number, number]): Uint8Array {
  const heads = outputs.flatMap((_, i) => [
    createNode('MatMul', ['x', `w${i}`], [`z${i}`]),
    createNode(opType, [`z${i}`], [`p${i}`]),
  ]);
  return onnxFile({
    nodes: [...heads, createNode(combining, ['p0', 'p1'], ['y'], combining === 'Concat' ? { axis: 1 } : {})],
    initializers: Object.fromEntries(outputs.map((count, i) => [`w${i}`, randomTensor(`w${i}`, [4, count])])),
  });
}

describe('what a classifier does after its logits', () => {
  const task = { inputShape: [4], classes };

  async function plainLoss(loss: Loss, outputs: number, count: number): Promise<number> {
    const shape = { inputShape: [4], classes: count };
    const logits = await compileGiven(ending([['Identity']], outputs), shape, { loss });
    const { evaluated } = await bothLosses(logits, dataFor(shape, loss));
    await logits.dispose();
    return evaluated;
  }

  for (const [name, bytes] of Object.entries({ ...hidden, 'a softmax that is written out': writtenOut })) {
    it(`is part of the loss, once, in training, evaluation and the export: ${name}`, async () => {
      const model = await compileGiven(bytes, task);
      const data = dataFor(task, 'softmaxCrossEntropy');
      const { trained, evaluated } = await bothLosses(model, data);
      const expected = await plainLoss('softmaxCrossEntropy', classes, classes);
      expect(evaluated).to.be.closeTo(expected, 1e-5);
      expect(trained).to.be.closeTo(expected, 1e-5);
      expect(model.findings.changes.join()).to.match(/Softmax.*part of the loss/);
      const exported = readModel(model.exportOnnx(model.initialParameters('')));
      expect(exported.nodes.map(({ opType }) => opType)).not.to.include.members(['Softmax']);
      await model.dispose();
    });
  }

  for (const [loss, outputs, count] of [
    ['binaryCrossEntropy', 1, 2],
    ['multiLabelCrossEntropy', 3, 3],
  ] as const) {
    it(`is part of the loss where it is a Sigmoid and the loss ${loss}`, async () => {
      const shape = { inputShape: [4], classes: count };
      const model = await compileGiven(ending([['Sigmoid'], ['Clip', {}, scalar(1e-6)]], outputs), shape, { loss });
      const { trained, evaluated } = await bothLosses(model, dataFor(shape, loss));
      const expected = await plainLoss(loss, outputs, count);
      expect(evaluated).to.be.closeTo(expected, 1e-5);
      expect(trained).to.be.closeTo(expected, 1e-5);
      await model.dispose();
    });
  }

  it('stays where the loss is one of numbers', async () => {
    const model = await compileGiven(ending([['Sigmoid']]), task, { loss: 'squaredError' });
    expect(model.findings.changes).to.deep.equal([]);
    const { trained, evaluated } = await bothLosses(model, dataFor(task, 'squaredError'));
    expect(trained).to.be.closeTo(evaluated, 1e-6);
    await model.dispose();
  });

  const shape = { inputShape: [4], classes: 2 };
  for (const rank of ['[batch]', '[batch, 1, 1]']) {
    it(`may be one logit of shape ${rank}`, async () => {
      const [opType, axes] = rank === '[batch]' ? ['Squeeze', [1]] : ['Unsqueeze', [1]];
      const bytes = ending([[opType, {}, integerTensor([1], axes)]], 1);
      const model = await compileGiven(bytes, shape, { loss: 'binaryCrossEntropy' });
      const { trained, evaluated } = await bothLosses(model, dataFor(shape, 'binaryCrossEntropy'));
      const expected = await plainLoss('binaryCrossEntropy', 1, 2);
      expect([trained, evaluated].every((loss) => Math.abs(loss - expected) < 1e-6)).to.equal(true);
      await model.dispose();
    });
  }

  const wrong: [what: string, bytes: Uint8Array, Partial<TrainingPlan>, RegExp, classes?: number][] = [
    ['Sigmoid under a softmax', ending([['Sigmoid']]), {}, /Sigmoid.*multiLabelCrossEntropy/],
    ['Softmax under sigmoids', ending([softmax]), { loss: 'multiLabelCrossEntropy' }, /Softmax.*softmaxCrossEntropy/],
    ['Softmax twice', ending([softmax, softmax]), {}, /applies Softmax twice/],
    ['Softmax and LogSoftmax', ending([softmax, ['LogSoftmax', { axis: 1 }]]), {}, /applies Softmax twice/],
    ['probabilities times ½', ending([softmax, ['Mul', {}, scalar(0.5)]]), {}, /probabilities of Softmax by Mul/],
    ['probabilities cut at ¼', ending([softmax, ['Clip', {}, scalar(0.25)]]), {}, /probabilities of Softmax by Clip/],
    ['the root of probabilities', ending([softmax, ['Sqrt'], ['Identity']]), {}, /probabilities of Softmax by Sqrt/],
    [
      'a softmax over the samples',
      ending([['Softmax', { axis: 0 }]]),
      {},
      /Softmax runs along 2 of \[2,3\], not over the 3 classes/,
    ],
    ['one logit under a softmax', ending([['Identity']], 1), {}, /one output.*binaryCrossEntropy/, 2],
    ['one number under a softmax of three', ending([['Identity']], 1), {}, /one output.*squaredError/, 3],
    [
      'two logits under one sigmoid',
      ending([['Identity']], 2),
      { loss: 'binaryCrossEntropy' },
      /one output for each of two classes: give softmaxCrossEntropy/,
      2,
    ],
    [
      'the second probability alone',
      ending([softmax, ['Gather', { axis: 1 }, integerTensor([1], [1])]], 2),
      { loss: 'binaryCrossEntropy' },
      /probabilities of Softmax by Gather/,
      2,
    ],
    [
      'the mean of two softmaxes',
      twoHeads('Softmax', 'Add', [classes, classes]),
      {},
      /probabilities of Softmax by Add/,
    ],
    [
      'sigmoids that are joined',
      twoHeads('Sigmoid', 'Concat', [1, 2]),
      { loss: 'multiLabelCrossEntropy' },
      /probabilities of Sigmoid by Concat/,
    ],
    ['a pair of probabilities in the other order', pair(['p', 'q']), {}, /probabilities of Sigmoid by Concat/, 2],
  ];
  for (const [what, bytes, plan, message, count = classes] of wrong) {
    it(`is refused where the loss would get it wrong: ${what}`, async () => {
      expect(await refusalOf(compileGiven(bytes, { inputShape: [4], classes: count }, plan))).to.match(message);
    });
  }
});
