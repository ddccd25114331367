/**
 * What a classifier's file does after its logits belongs to the loss, which would otherwise apply it a second time: a softmax
 * or a sigmoid, wherever it hides behind operators that leave probabilities as they are.
 */
import { TributaryError } from '../../../core/errors.ts';
import type { Loss } from '../../engine.ts';
import { createNode, integerAttribute } from '../node.ts';
import { describe } from '../operators/operator.ts';
import type { NodeProto } from '../proto.ts';
import { weightPlaces } from '../roles.ts';
import { addFloats, type Draft, producerOf, prune, replaceValue } from './draft.ts';

/** Operators that only move elements. */
const moving = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze', 'Cast']);
/** What a clip or a small number may change of a probability. */
const tolerance = 1e-3;

interface Head {
  kind: 'Softmax' | 'Sigmoid';
  node: NodeProto;
  /** Nodes after it that leave probabilities as they are. */
  harmless: NodeProto[];
  /** The first node after it that does not. */
  altering?: NodeProto | undefined;
  /** The node that puts the probability of the other class beside that of the one logit. */
  pair?: NodeProto | undefined;
}

function refuse(sentence: string): never {
  throw new TributaryError('MODEL_INVALID', `The ONNX model ${sentence}.`);
}

function numbersOf({ initializers }: Draft, name: string | undefined): number[] | undefined {
  const values = name ? initializers.get(name)?.data : undefined;
  return values && [...values];
}

/** The probabilities that come in are those that go out, but for a thousandth. */
function leavesProbabilities(draft: Draft, { opType, input = [] }: NodeProto): boolean {
  const [first, second] = input.map((name) => numbersOf(draft, name));
  const constant = first ?? second;
  switch (opType) {
    case 'Log':
      return true; // log-probabilities: the logits of the same softmax
    case 'Exp':
      return producerOf(draft, input[0]!)?.opType === 'LogSoftmax';
    case 'Mul':
      return constant?.every((factor) => factor === 1) ?? false;
    case 'Div':
      return second?.every((divisor) => divisor === 1) ?? false;
    case 'Add':
      return constant?.every((term) => Math.abs(term) <= tolerance) ?? false;
    case 'Sub':
      return second?.every((term) => Math.abs(term) <= tolerance) ?? false;
    case 'Max':
      return constant?.every((least) => least <= tolerance) ?? false;
    case 'Min':
      return constant?.every((most) => most >= 1 - tolerance) ?? false;
    case 'Clip': {
      const most = numbersOf(draft, input[2])?.[0] ?? 1;
      return (second?.[0] ?? 0) <= tolerance && most >= 1 - tolerance;
    }
    default:
      return false;
  }
}

/** Of [1 − p, p], or of the two the other way round: the node that gives p. */
function probabilityOfPair(draft: Draft, { opType, input = [] }: NodeProto) {
  if (opType !== 'Concat' || input.length !== 2) return undefined;
  const place = input.findIndex((name, i) => {
    const rest = producerOf(draft, name);
    const isOne = rest?.opType === 'Sub' && numbersOf(draft, rest.input![0])?.every((number) => number === 1);
    return isOne && rest.input![1] === input[1 - i];
  });
  const probability = place < 0 ? undefined : producerOf(draft, input[1 - place]!);
  return probability && { probability, isSecond: place === 0 };
}

/** Whether the node divides a value by its own sum, as what makes probabilities does. */
function dividesBySum(draft: Draft, { opType, input = [] }: NodeProto): boolean {
  const divisor = opType === 'Div' ? producerOf(draft, input[1]!) : undefined;
  return divisor?.opType === 'ReduceSum' && divisor.input![0] === input[0];
}

/** Whether the node is a layer: what comes before it is no output. */
function isLayer({ initializers }: Draft, { opType, input = [] }: NodeProto): boolean {
  return (weightPlaces[opType] ?? []).some((place) => initializers.has(input[place] ?? ''));
}

/** The softmax or sigmoid that the value comes from. */
function findHead(draft: Draft, output: string): Head | undefined {
  const harmless: NodeProto[] = [];
  let altering: NodeProto | undefined;
  for (let value = output; ; ) {
    const node = producerOf(draft, value);
    if (node === undefined) return undefined;
    if (node.opType === 'Softmax' || node.opType === 'LogSoftmax') return { kind: 'Softmax', node, harmless, altering };
    if (node.opType === 'Sigmoid') return { kind: 'Sigmoid', node, harmless, altering };
    const pair = probabilityOfPair(draft, node);
    if (pair) {
      const { probability, isSecond } = pair;
      if (!isSecond || probability.opType !== 'Sigmoid') altering ??= node;
      return { kind: 'Sigmoid', node: probability, harmless, altering, pair: node };
    }
    if (dividesBySum(draft, node)) return { kind: 'Softmax', node, harmless, altering: altering ?? node };
    if (isLayer(draft, node)) return undefined;
    const [from, ...others] = moving.has(node.opType)
      ? [node.input![0]!]
      : node.input!.filter((name) => name !== '' && !draft.initializers.has(name));
    if (from === undefined) return undefined;
    if (others.length > 0) {
      // probabilities of several heads that are joined, or averaged
      const heads = [from, ...others].map((name) => findHead(draft, name));
      return heads.every((head) => head !== undefined) ? { ...heads[0]!, altering: node } : undefined;
    }
    if (leavesProbabilities(draft, node)) harmless.push(node);
    else if (!moving.has(node.opType)) altering ??= node;
    value = from;
  }
}

const advice = {
  Softmax: 'which chooses one of several classes: give softmaxCrossEntropy as the loss, or export it with logits',
  Sigmoid:
    'which answers yes-or-no questions: give multiLabelCrossEntropy as the loss (binaryCrossEntropy for two classes and one output), or export it with logits',
} as const;

/** What the loss applies to the model's outputs itself. */
function appliedBy(loss: Loss): Head['kind'] | undefined {
  if (loss === 'softmaxCrossEntropy') return 'Softmax';
  return loss === 'binaryCrossEntropy' || loss === 'multiLabelCrossEntropy' ? 'Sigmoid' : undefined;
}

/** Puts the logits [0, z] in the place of the probabilities [1 − σ(z), σ(z)], which are their softmax. */
function toTwoLogits(draft: Draft, { node, pair }: Head): void {
  const value = pair!.output![0]!;
  const places = addFloats(draft, `${value}/places`, [1, 2], [0, 1]);
  const logits = createNode('Mul', [node.input![0]!, places], [value]);
  draft.nodes = draft.nodes.map((each) => (each === pair ? logits : each));
}

/** Where a softmax was that the loss now applies. */
export interface TakenHead {
  /** Its logits. */
  logits: string;
  axis: number;
  node: NodeProto;
}

/** Errors: MODEL_INVALID where the loss would not mean what the file does. */
export function takeHeadIntoLoss(draft: Draft, loss: Loss): TakenHead | undefined {
  const applied = appliedBy(loss);
  const head = applied && findHead(draft, draft.output);
  if (!head) return undefined;
  const { kind, node, harmless, altering, pair } = head;
  if (altering === node) {
    refuse(
      `divides its outputs by their sum (${describe(node)}), and the loss ${loss} wants logits: export it with logits as its output`,
    );
  }
  if (altering) {
    refuse(
      `changes the probabilities of ${describe(node)} by ${describe(altering)}, and the loss ${loss} wants logits: export it with logits as its output`,
    );
  }
  const isOneLogitOfTwo = pair !== undefined && loss !== 'multiLabelCrossEntropy';
  if (kind !== applied && !isOneLogitOfTwo) refuse(`ends in ${describe(node)}, ${advice[kind]}`);
  for (const { output, input } of harmless) {
    replaceValue(draft, output![0]!, input!.find((name) => !draft.initializers.has(name))!);
  }
  if (!pair) replaceValue(draft, node.output![0]!, node.input![0]!);
  else if (loss === 'binaryCrossEntropy') replaceValue(draft, pair.output![0]!, node.input![0]!);
  else toTwoLogits(draft, head);
  prune(draft);
  const also = harmless.length > 0 ? `, and without ${harmless.map(describe).join(', ')} after it` : '';
  const what = pair && loss === 'softmaxCrossEntropy' ? 'the logits 0 and z, z being its one logit' : 'logits';
  draft.changes.push(
    `Its last ${describe(node)} is part of the loss: the model is trained and exported with ${what}${also}.`,
  );
  const second = findHead(draft, draft.output);
  if (second && second.kind === kind && !pair) {
    refuse(`applies ${kind} twice (${describe(second.node)}, ${describe(node)}): export it with logits as its output`);
  }
  return kind === 'Softmax' ? { logits: node.input![0]!, axis: integerAttribute(node, 'axis', -1), node } : undefined;
}
