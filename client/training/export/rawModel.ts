/**
 * A model that takes raw data and answers in the task's own words: preprocessing, the model as it was trained, and what its outputs
 * mean, in one ONNX graph; what it is stands in its metadata.
 */
import { type DataDescription, shapeOfData } from '../../core/data/description.ts';
import type { Loss } from '../engine.ts';
import { createGraph } from '../onnx/graph.ts';
import { decodeModel, encodeModel, type GraphProto, type ModelProto, type NodeProto } from '../onnx/proto.ts';
import { addAnswers } from './answers.ts';
import type { ModelMetadata } from './metadata.ts';
import { tableDomain } from './rawGraph.ts';
import { addImageFeatures, addVectorFeatures } from './sampleFeatures.ts';
import { addTableFeatures } from './tableFeatures.ts';

/** What of a task its model's inputs and outputs follow from. */
export interface RawTask {
  data: DataDescription;
  loss: Loss;
  /** Shape of one sample as the model takes it. */
  inputShape: readonly number[];
  classes: number;
}

/** Adds the entries to those that the model has. */
export function withMetadata(bytes: Uint8Array, metadata: ModelMetadata): Uint8Array {
  return encodeModel(addMetadata(decodeModel(bytes), metadata));
}

/**
 * `bytes` is the model as `CompiledModel.exportOnnx` writes it: features in, logits or numbers out. A sample that the task refuses (an
 * unknown category, a missing value or one out of range) has NaN in all of its outputs.
 */
export function withRawData(bytes: Uint8Array, task: RawTask, metadata: ModelMetadata): Uint8Array {
  const given = decodeModel(bytes);
  const names = namesFor(task.data);
  const model = renamed(given.graph!, names.taken);
  const graph = createGraph(names.prefix);
  const { inputs, features, refused } = addFeatures(graph, task.data);
  const shape = shapeOfData(task.data);
  const fits = String(shape) === String(task.inputShape);
  const shaped = fits ? features : graph.add('Reshape', [features, graph.integers([-1, ...task.inputShape])]);
  graph.addNamed('Identity', [shaped], [model.input![0]!.name]);
  for (const node of model.node ?? []) graph.append(node);
  const outputs = addAnswers(graph, { outputs: model.output![0]!.name, refused }, task, names.nameOf);
  const whole = graph.build('tributary', inputs, outputs);
  const initializer = [...(whole.initializer ?? []), ...(model.initializer ?? [])];
  const opsetImport = [...(given.opsetImport ?? []), tableDomain];
  return encodeModel(addMetadata({ ...given, opsetImport, graph: { ...whole, initializer } }, metadata));
}

function addFeatures(graph: ReturnType<typeof createGraph>, data: DataDescription) {
  switch (data.kind) {
    case 'table':
      return addTableFeatures(graph, data);
    case 'images':
      return addImageFeatures(graph, data);
    case 'vectors':
      return addVectorFeatures(graph, data);
  }
}

function addMetadata(model: ModelProto, metadata: ModelMetadata): ModelProto {
  const added = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const kept = (model.metadataProps ?? []).filter(({ key = '' }) => !(key in metadata));
  return { ...model, metadataProps: [...kept, ...added] };
}

/** Inputs are named by the columns: outputs and what is between get names that no column has. */
function namesFor(data: DataDescription) {
  const columns = data.kind === 'table' ? data.columns.map(({ name }) => name) : [data.kind.slice(0, -1)];
  const unlike = (name: string, clashes: (name: string) => boolean): string =>
    clashes(name) ? unlike(`${name}_`, clashes) : name;
  const nameOf = (output: string) => unlike(output, (name) => columns.includes(name));
  const outputs = ['label', 'probabilities', 'prediction'].map(nameOf);
  const taken = new Set([...columns, ...outputs]);
  const prefix = unlike('raw', (name) => columns.some((column) => column.startsWith(`${name}/`)));
  return { taken, nameOf, prefix: `${prefix}/` };
}

/** The same graph, in which no value has a name that is taken. */
function renamed(graph: GraphProto, taken: ReadonlySet<string>): GraphProto {
  const rename = (name: string): string => (taken.has(name) ? rename(`model/${name}`) : name);
  const named = <T extends { name?: string }>(values: readonly T[] | undefined): T[] =>
    (values ?? []).map((value) => ({ ...value, name: rename(value.name ?? '') }));
  const node = (graph.node ?? []).map(
    (each): NodeProto => ({
      ...each,
      input: (each.input ?? []).map(rename),
      output: (each.output ?? []).map(rename),
      ...(each.attribute && {
        attribute: each.attribute.map((attribute) =>
          attribute.g === undefined ? attribute : { ...attribute, g: renamed(attribute.g, taken) },
        ),
      }),
    }),
  );
  return {
    ...graph,
    node,
    initializer: named(graph.initializer),
    input: named(graph.input),
    output: named(graph.output),
  };
}
