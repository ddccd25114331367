/** Which input and which output of a file are the model's. */
import type { GraphProto, NodeProto, ValueInfoProto } from '../proto.ts';
import { invalid, neededFor } from './draft.ts';
import { classesOf } from './sklearn/classes.ts';

/** TensorProto.DataType of float32, float16, float64 and bfloat16. */
const floatTypes = [1, 10, 11, 16];

/** Operators that give names or numbers of classes. */
const labelling = new Set(['ArgMax', 'ArrayFeatureExtractor', 'Binarizer', 'LabelEncoder', 'TopK']);

/** Operators between logits and probabilities. */
const afterLogits = new Set(
  'Identity Cast Reshape Flatten Squeeze Softmax LogSoftmax Sigmoid ZipMap Normalizer'.split(' '),
);

interface Producers {
  of(value: string): NodeProto | undefined;
}

function producersOf(nodes: readonly NodeProto[]): Producers {
  const byOutput = new Map(nodes.flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)));
  return { of: (value) => byOutput.get(value) };
}

/** The value before the dictionaries that scikit-learn gives, and before what only names the largest of several. */
function unwrapped(name: string, producers: Producers): string {
  const node = producers.of(name);
  return node?.opType === 'ZipMap' ? unwrapped(node.input![0]!, producers) : name;
}

function isLabel({ name, type }: ValueInfoProto, producers: Producers): boolean {
  const node = producers.of(name);
  if (node?.opType === 'ZipMap') return false;
  const elemType = type?.tensorType?.elemType;
  if (elemType !== undefined && elemType !== 0) return !floatTypes.includes(elemType);
  return node !== undefined && labelling.has(node.opType);
}

/** The logits or scores that a label was made of. */
function scoresOf(name: string, producers: Producers): string | undefined {
  for (let value: string | undefined = name; value !== undefined; ) {
    const node = producers.of(value);
    if (node?.opType === 'ArgMax') return node.input![0];
    if (node?.opType === 'ArrayFeatureExtractor') value = node.input![1];
    else if (node && ['Cast', 'Reshape', 'Identity', 'Squeeze'].includes(node.opType)) value = node.input![0];
    else return undefined;
  }
  return undefined;
}

/** Whether `value` is made of `from` by nothing but a softmax, a sigmoid or a change of shape. */
function followsFrom(value: string, from: string, producers: Producers): boolean {
  if (value === from) return true;
  const node = producers.of(value);
  return node !== undefined && afterLogits.has(node.opType) && followsFrom(node.input![0]!, from, producers);
}

/** Errors: MODEL_INVALID, naming the outputs. */
export function chooseOutput(graph: GraphProto, changes: string[]): string {
  const outputs = graph.output ?? [];
  const producers = producersOf(graph.node ?? []);
  const labels = outputs.filter((output) => isLabel(output, producers));
  const others = [...new Set(outputs.filter((output) => !labels.includes(output)).map(({ name }) => name))];
  const values = others.map((name) => unwrapped(name, producers));
  const first = values.find((value) => values.every((other) => followsFrom(other, value, producers)));
  if (labels.length > 0 && (first !== undefined || others.length === 0)) {
    const classes = (graph.node ?? []).map(classesOf).find((names) => names.length > 0);
    const order = classes ? `, and the classes are, in the order of the outputs: ${classes.join(', ')}` : '';
    changes.push(`The output ${quoted(labels.map(({ name }) => name))} is left out: it only names the class${order}.`);
  }
  if (first !== undefined) {
    const left = values.filter((value) => value !== first);
    if (left.length > 0) changes.push(`The output ${quoted(left)} is left out: it follows from "${first}".`);
    return first;
  }
  const scores = others.length === 0 && labels.length > 0 ? scoresOf(labels[0]!.name, producers) : undefined;
  if (scores !== undefined) return scores;
  const names = outputs.map(({ name }) => name);
  throw invalid(
    `it has ${names.length} outputs (${names.join(', ')}), but one is wanted, of numbers: export the model with the logits or the predicted numbers as its only output, or cut the file with onnx.utils.extract_model(file, newFile, [input], [output])`,
  );
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' and ');
}

/** The one input that the output depends on. Errors: MODEL_INVALID, naming the inputs. */
export function chooseInput(graph: GraphProto, output: string): ValueInfoProto {
  const initializers = new Set((graph.initializer ?? []).map(({ name }) => name));
  const used = new Set(neededFor(graph.node ?? [], output).flatMap(({ input }) => input ?? []));
  const given = (graph.input ?? []).filter(({ name }) => !initializers.has(name));
  const inputs = given.filter(({ name }) => used.has(name));
  const [only] = inputs.length > 0 ? inputs : given;
  if (only && inputs.length < 2) return only;
  const names = inputs.map(({ name }) => name).join(', ');
  throw invalid(
    `it has ${inputs.length} inputs (${names}), but one is wanted: export the model with all columns in one input (in skl2onnx, initial_types=[('X', FloatTensorType([None, columns]))]), and what never changes as constants`,
  );
}
