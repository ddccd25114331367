/** The model as it answers, not as it is trained: nodes that a file was exported with in training mode. */
import { hasAttribute, integerAttribute, withoutAttributes } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import { type Draft, rewrite } from './draft.ts';

export function leaveTrainingMode(draft: Draft): void {
  const switched = new Set<string>();
  const first = ({ output, ...node }: NodeProto): NodeProto => ({ ...node, output: output!.slice(0, 1) });
  rewrite(draft, (node) => {
    if (node.opType === 'Dropout') {
      const training = draft.initializers.get(node.input?.[2] ?? '');
      if (node.input?.[2] && (training === undefined || training.data[0] === 1)) switched.add('Dropout');
      return [first({ ...node, input: node.input!.slice(0, 2) })];
    }
    if (node.opType !== 'BatchNormalization') return undefined;
    if (integerAttribute(node, 'training_mode', 0) === 1) switched.add('BatchNormalization');
    return [first(hasAttribute(node, 'training_mode') ? withoutAttributes(node, 'training_mode') : node)];
  });
  if (switched.size === 0) return;
  draft.changes.push(
    `${[...switched].join(' and ')} was exported in training mode: evaluation runs it in inference mode.`,
  );
}

/** `allowzero` says what an extent of 0 means: where there is none, it says nothing. */
export function dropEmptyPromises(draft: Draft): void {
  rewrite(draft, (node) => {
    const shape = draft.initializers.get(node.input?.[1] ?? '');
    const isPlain = node.opType === 'Reshape' && shape !== undefined && !shape.data.includes(0);
    return isPlain ? [withoutAttributes(node, 'allowzero')] : undefined;
  });
}
