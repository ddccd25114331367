/** One type of real numbers, float32; and no casts that then do nothing. */
import { integerAttribute, tensorAttribute } from '../node.ts';
import { describe } from '../operators/operator.ts';
import type { NodeProto } from '../proto.ts';
import { dataType, floatTensor, readTensor, writeTensor } from '../tensor.ts';
import { type Draft, invalid, producerOf, replaceValue, rewrite } from './draft.ts';

const { float32, float64, int64, bool } = dataType;

const givesIntegers = new Set(['Shape', 'Size', 'ArgMax', 'ArgMin', 'NonZero']);
const givesTruths = new Set('Equal Greater GreaterOrEqual Less LessOrEqual And Or Not Xor IsNaN IsInf'.split(' '));

/** TensorProto.DataType of each value of the graph, as far as casts need it. */
function typesOf({ input, initializers, nodes }: Draft, inputType: number): Map<string, number> {
  const types = new Map<string, number>([[input, inputType]]);
  for (const [name, { type }] of initializers) types.set(name, dataType[type]);
  for (const node of nodes) {
    const [first, second] = node.input ?? [];
    const made = tensorAttribute(node, 'value')?.dataType ?? float32;
    const type = givesIntegers.has(node.opType)
      ? int64
      : givesTruths.has(node.opType)
        ? bool
        : node.opType === 'Cast'
          ? integerAttribute(node, 'to', 0)
          : node.opType === 'ConstantOfShape'
            ? made
            : types.get((node.opType === 'Where' ? second : first) ?? '');
    for (const output of node.output ?? []) if (type !== undefined) types.set(output, type);
  }
  return types;
}

function withFloat32(node: NodeProto): NodeProto {
  const attribute = node.attribute?.map((each) => {
    if (node.opType === 'Cast' && each.name === 'to' && each.i === float64) return { ...each, i: float32 };
    if (node.opType === 'ConstantOfShape' && each.t?.dataType === float64) {
      const { shape, data } = readTensor(each.t);
      return { ...each, t: writeTensor('', floatTensor(shape, data)) };
    }
    return each;
  });
  return { ...node, ...(attribute && { attribute }) };
}

/** Errors: MODEL_INVALID for a cast to 16 bits and for NaN among the numbers. */
export function unifyTypes(draft: Draft, inputType = 0): void {
  const doubles = [...draft.initializers].filter(([, { type }]) => type === 'float64');
  for (const [name, { shape, data }] of doubles) draft.initializers.set(name, floatTensor(shape, data));
  rewrite(draft, (node) => [withFloat32(node)]);
  if (doubles.length > 0 || inputType === float64) {
    draft.changes.push('Its numbers are float64: they are trained, and exported, as float32.');
  }
  for (const [name, { type, data }] of draft.initializers) {
    if (type !== 'float32' || !data.some(Number.isNaN)) continue;
    throw invalid(`the tensor "${name}" holds NaN: it comes from a training that diverged, export it from before that`);
  }
  const types = typesOf(draft, inputType === float64 ? float32 : inputType || float32);
  for (const node of draft.nodes.filter(({ opType }) => opType === 'Cast')) {
    const to = integerAttribute(node, 'to', 0);
    if (to === 10 || to === 16) {
      throw invalid(`${describe(node)} turns numbers into 16 bits: export the model in float32 throughout`);
    }
    if (types.get(node.input![0]!) === to) dropNode(draft, node.output![0]!);
  }
}

/** Takes the node that gives `value` out: whoever used its output uses its input. */
function dropNode(draft: Draft, value: string): void {
  const node = producerOf(draft, value)!;
  draft.nodes = draft.nodes.filter((each) => each !== node);
  replaceValue(draft, value, node.input![0]!);
}

/** A value that another one is by a different name. The output of the whole keeps its name. */
export function dropIdentities(draft: Draft): void {
  const { output } = draft;
  for (const { opType, output: [value] = [] } of [...draft.nodes]) if (opType === 'Identity') dropNode(draft, value!);
  restoreName(draft, output);
}

/** Gives the output the name that it has in the file, where another node than in the file now makes it. */
export function restoreName(draft: Draft, name: string): void {
  const from = draft.output;
  if (from === name || from === draft.input || draft.initializers.has(from)) return;
  rewrite(draft, (node) =>
    node.output?.includes(from)
      ? [{ ...node, output: node.output.map((each) => (each === from ? name : each)) }]
      : undefined,
  );
  replaceValue(draft, from, name);
}
