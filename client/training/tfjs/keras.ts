/**
 * Reads the JSON of a Keras 2, Keras 3 or TensorFlow.js layers model: sequential, functional, or with models in it. Only layers that
 * train the same way on every run are accepted; a softmax or sigmoid at the end is taken off where the loss applies it to logits.
 */
import type { LayersModel } from '@tensorflow/tfjs';
import type { Loss } from '../engine.ts';
import { takeIntoLoss } from './kerasEnd.ts';
import { adaptLayer, invalid, type Json, type LayerJson, nameOf, type Reading } from './kerasLayers.ts';
import { freeze, loadWeights } from './kerasWeights.ts';
import type { Tf } from './tf.ts';

export interface KerasModel {
  model: LayersModel;
  /** Names of the tensors that are no parameters, with the reason, such as the ones of a BatchNormalization without `scale`. */
  fixed: ReadonlyMap<string, string>;
  /** Whether the file holds weights, which are the model's first parameters. */
  hasWeights: boolean;
  /** A sentence for each thing that is no longer as in the file. */
  changes: readonly string[];
}

/** Errors: MODEL_INVALID, OPERATOR_UNSUPPORTED naming the layer. */
export async function readKerasModel(tf: Tf, text: string, loss: Loss, batchStatistics?: string): Promise<KerasModel> {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch (cause) {
    throw invalid('it is not JSON', cause);
  }
  const topology = (json?.modelTopology ?? json) as Json; // model.json of TensorFlow.js
  const reading: Reading = { fixed: new Map(), frozen: new Set(), inference: [], changes: new Map() };
  const model = adaptModel((topology?.model_config ?? topology) as Json, '', reading);
  takeIntoLoss(model, loss, reading);
  const hasWeights = typeof json.weightData === 'string';
  checkFrozen(reading, hasWeights);
  const built = await build(tf, model);
  if (hasWeights) loadWeights(tf, built, json);
  freeze(built, reading, batchStatistics === 'frozen');
  const changes = Array.from(
    reading.changes,
    ([what, layers]) => `${layers.map((name) => `"${name}"`).join(', ')}: ${what}`,
  );
  if (json.weightsManifest && !hasWeights)
    changes.push('the weights beside the file are not read: the model begins anew');
  return { model: built, fixed: reading.fixed, hasWeights, changes };
}

async function build(tf: Tf, model: LayerJson): Promise<LayersModel> {
  try {
    return await tf.models.modelFromJSON(model as unknown as Parameters<typeof tf.models.modelFromJSON>[0]);
  } catch (cause) {
    throw invalid(`TensorFlow.js cannot build it (${(cause as Error).message.split('\n')[0]})`, cause);
  }
}

/** Errors: MODEL_INVALID. */
function checkFrozen({ frozen }: Reading, hasWeights: boolean): void {
  const [name] = frozen;
  if (name === undefined || hasWeights) return;
  throw invalid(
    `"${name}" is frozen (trainable is false), but the JSON holds no weights for it: put them into it as weightSpecs and weightData, give the model as ONNX, or set trainable to true`,
  );
}

/** In the form of Keras 2, which TensorFlow.js reads. */
function adaptModel(model: Json, prefix: string, reading: Reading): LayerJson {
  const config = (Array.isArray(model?.config) ? { layers: model.config } : model?.config) as Json | undefined;
  const layers = config?.layers;
  const isLayer = (layer: LayerJson) => typeof layer?.class_name === 'string' && typeof layer.config === 'object';
  if (!config || !Array.isArray(layers) || layers.length === 0 || !layers.every(isLayer)) {
    throw invalid('it is not what model.to_json() or model.toJSON() give, with a list of layers');
  }
  for (const [place, layer] of (layers as LayerJson[]).entries()) {
    if (isCalledForInference(layer)) reading.inference.push(`${prefix}${nameOf(layer)}`);
    if (!isModel(layer)) {
      layer.config.name ??= layer.name ?? `${layer.class_name.toLowerCase()}_${place}`;
      adaptLayer(layer, prefix, reading);
      continue;
    }
    const name = nameOf(layer);
    if (layer.config.trainable === false) freezeAll(layer.config);
    Object.assign(layer, adaptModel({ ...layer }, `${prefix}${name}/`, reading));
    layer.config.name ??= name;
  }
  adaptEnds(config, layers);
  openBatch(layers[0], config.build_input_shape);
  return { class_name: model.class_name === 'Sequential' ? 'Sequential' : 'Model', config: { ...config, layers } };
}

function isModel({ config }: LayerJson): boolean {
  return Array.isArray(config.layers) || Array.isArray(config);
}

/** What holds for a model holds for its layers. */
function freezeAll(config: Json): void {
  for (const layer of config.layers as LayerJson[]) layer.config.trainable = false;
}

/** Keras: `backbone(x, training=False)`. */
function isCalledForInference({ inbound_nodes: nodes = [] }: LayerJson): boolean {
  const isOff = (settings: unknown) => (settings as Json | undefined)?.training === false;
  return nodes.some((node) =>
    Array.isArray(node) ? node.some((history) => isOff(history[3])) : isOff((node as Json).kwargs),
  );
}

/** A first layer takes any number of samples; of a sequential model it may have its shape from the model. */
function openBatch({ config }: LayerJson, modelShape: unknown): void {
  const shape =
    config.batch_input_shape ?? (config.input_shape ? [null, ...(config.input_shape as number[])] : modelShape);
  if (Array.isArray(shape) && !Array.isArray(config.layers)) config.batch_input_shape = [null, ...shape.slice(1)];
}

/** Where layers take their inputs from, and the ends of the model, in lists of [name, node, tensor]. */
function adaptEnds(config: Json, layers: LayerJson[]): void {
  const isKeras3 = layers.some(({ inbound_nodes: nodes = [] }) => nodes.some((node) => !Array.isArray(node)));
  const nested = new Set(layers.filter(isModel).map(nameOf));
  // For TensorFlow.js and Keras 2 the first node of a model in a model is its own, not its first call.
  const shift = ([name, node, ...rest]: unknown[]) => [
    name,
    Number(node) + (isKeras3 && nested.has(String(name)) ? 1 : 0),
    ...rest,
  ];
  for (const layer of layers) {
    if (!layer.inbound_nodes) continue;
    layer.inbound_nodes = layer.inbound_nodes.map((node) => (Array.isArray(node) ? node : histories(node).map(shift)));
  }
  for (const ends of ['input_layers', 'output_layers']) {
    if (ends in config) config[ends] = (asList(config[ends]) as unknown[][]).map(shift);
  }
}

/** Keras 3 names a node's inputs `{args: [{config: {keras_history: [layer, node, tensor]}}]}`, Keras 2 by a list. */
function histories(node: unknown): unknown[][] {
  if (Array.isArray(node)) return node.flatMap(histories);
  if (typeof node !== 'object' || node === null) return [];
  const { args, config } = node as { args?: unknown; config?: { keras_history?: unknown[] } };
  return config?.keras_history ? [[...config.keras_history, {}]] : histories(args);
}

/** Keras 3 names a single end without the outer list. */
function asList(ends: unknown): unknown {
  return Array.isArray(ends) && typeof ends[0] === 'string' ? [ends] : ends;
}
