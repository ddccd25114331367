/** Where a value is probabilities, behind whatever leaves them as they are or does not. */
import type { NodeProto } from '../proto.ts';
import { weightPlaces } from '../roles.ts';
import { type Draft, producerOf } from './draft.ts';

/** Operators that only move elements. */
const moving = new Set(['Flatten', 'Identity', 'Reshape', 'Squeeze', 'Transpose', 'Unsqueeze', 'Cast']);
/** What a clip or a small number may change of a probability. */
const tolerance = 1e-3;

/** The softmax or sigmoid that probabilities come from. */
export interface Head {
  kind: 'Softmax' | 'Sigmoid';
  node: NodeProto;
  /** Nodes after it that leave probabilities as they are. */
  harmless: NodeProto[];
  /** The first node after it that does not. */
  altering?: NodeProto | undefined;
  /** The node that puts the probability of the other class beside that of the one logit. */
  pair?: NodeProto | undefined;
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
export function findHead(draft: Draft, output: string): Head | undefined {
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
