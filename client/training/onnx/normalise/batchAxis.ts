/** Opens a batch of one sample that an exporter has written into shapes. */
import { createNode } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import { addIntegers, type Draft, freshName, rewrite } from './draft.ts';

/** Names of the values that depend on the input. */
function valuesOfData({ input, nodes }: Draft): Set<string> {
  const values = new Set([input]);
  for (const node of nodes) {
    if (node.opType === 'Shape' || !node.input?.some((name) => values.has(name))) continue;
    for (const output of node.output ?? []) values.add(output);
  }
  return values;
}

/** [1, 784] becomes [−1, 784], and [1, −1] becomes [0, −1], which copies the extent. */
function opened(shape: readonly number[]): number[] {
  return [shape.includes(-1) ? 0 : -1, ...shape.slice(1)];
}

/** The shape of a constant, or of one that is expanded to a constant shape. */
function fixedShape(draft: Draft, name: string): readonly number[] | undefined {
  const own = draft.initializers.get(name)?.shape;
  if (own) return own;
  const node = draft.nodes.find(({ output }) => output?.includes(name));
  const shape = node?.opType === 'Expand' ? draft.initializers.get(node.input![1]!) : undefined;
  return shape && [...shape.data];
}

/** What is joined to every sample, such as the token of a class, must be there as often as there are samples. */
function spreadConstants(draft: Draft, node: NodeProto, data: ReadonlySet<string>): NodeProto[] | undefined {
  const sample = node.input!.find((name) => data.has(name));
  const spread = node.input!.filter((name) => !data.has(name) && fixedShape(draft, name)?.[0] === 1);
  if (sample === undefined || spread.length === 0) return undefined;
  const name = (what: string) => freshName(draft, `${node.output![0]}/${what}`);
  const [shape, count] = [name('shape'), name('count')];
  const first = addIntegers(draft, `${shape}/first`, [0]);
  const added = [createNode('Shape', [sample], [shape]), createNode('Gather', [shape, first], [count], { axis: 0 })];
  const inputs = node.input!.map((input, place) => {
    if (!spread.includes(input)) return input;
    const [to, all] = [name(`to${place}`), name(`all${place}`)];
    const rest = addIntegers(draft, `${to}/rest`, fixedShape(draft, input)!.slice(1));
    added.push(createNode('Concat', [count, rest], [to], { axis: 0 }), createNode('Expand', [input, to], [all]));
    return all;
  });
  return [...added, { ...node, input: inputs }];
}

/** Whether anything was opened. */
export function openBatch(draft: Draft): boolean {
  const data = valuesOfData(draft);
  let isChanged = false;
  rewrite(draft, (node) => {
    const [first, second = ''] = node.input ?? [];
    const shape = draft.initializers.get(second);
    if (node.opType === 'Reshape' && data.has(first!) && shape?.data[0] === 1) {
      isChanged = true;
      return [{ ...node, input: [first!, addIntegers(draft, `${second}/open`, opened([...shape.data]))] }];
    }
    const joined = node.opType === 'Concat' ? spreadConstants(draft, node, data) : undefined;
    isChanged ||= joined !== undefined;
    return joined;
  });
  if (isChanged) draft.changes.push('It was exported for a batch of one sample: its batch axis is opened.');
  return isChanged;
}
