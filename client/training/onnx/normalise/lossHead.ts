/**
 * What a classifier's file does after its logits belongs to the loss, which would otherwise apply it a second time: a softmax
 * or a sigmoid, wherever it hides behind operators that leave probabilities as they are.
 */
import { TributaryError } from '../../../core/errors.ts';
import type { Loss } from '../../engine.ts';
import { createNode, integerAttribute } from '../node.ts';
import { describe } from '../operators/operator.ts';
import type { NodeProto } from '../proto.ts';
import { addFloats, type Draft, prune, replaceValue } from './draft.ts';
import { findHead, type Head } from './probabilities.ts';

function refuse(sentence: string): never {
  throw new TributaryError('MODEL_INVALID', `The ONNX model ${sentence}.`);
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
