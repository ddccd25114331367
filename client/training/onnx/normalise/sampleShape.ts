/** The samples of a task in the shape that a model declares for them. */
import { createNode } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import { addIntegers, type Draft, freshName } from './draft.ts';

/** Puts a node between the input and all that used it. */
export function insertBehindInput(
  draft: Draft,
  hint: string,
  make: (input: string, output: string) => NodeProto,
): void {
  const value = freshName(draft, `${draft.input}/${hint}`);
  const used = (name: string) => (name === draft.input ? value : name);
  const rest = draft.nodes.map((node) => ({ ...node, input: (node.input ?? []).map(used) }));
  draft.nodes = [make(draft.input, value), ...rest];
  draft.output = used(draft.output);
}

/** Channels first, as the task has images, to channels last, as TensorFlow has them; or the same values in another shape. */
export function fitSamples(draft: Draft, declared: readonly (number | undefined)[], task: readonly number[]): void {
  const wanted = declared.slice(1);
  const size = (shape: readonly (number | undefined)[]) => shape.reduce<number>((a, b) => a * (b ?? Number.NaN), 1);
  const isSame = wanted.length === task.length && wanted.every((extent, axis) => (extent ?? task[axis]) === task[axis]);
  if (wanted.length === 0 || isSame || size(wanted) !== size(task)) return;
  const [channels, height, width] = task;
  const isChannelsLast = task.length === 3 && `${wanted}` === `${[height, width, channels]}`;
  if (isChannelsLast) {
    insertBehindInput(draft, 'channelsLast', (input, output) =>
      createNode('Transpose', [input], [output], { perm: [0, 2, 3, 1] }),
    );
  } else {
    const shape = addIntegers(draft, `${draft.input}/shape`, [-1, ...(wanted as number[])]);
    insertBehindInput(draft, 'reshaped', (input, output) => createNode('Reshape', [input, shape], [output]));
  }
  const how = isChannelsLast ? 'with the channels last' : `as [${wanted}]`;
  draft.changes.push(`Its input takes a sample [${task}] of the task ${how}.`);
}
