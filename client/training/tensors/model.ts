/**
 * A model of named tensors: what a safetensors file holds. Its floating tensors are trained, but those that the task freezes; whole
 * numbers, such as counters of batches, are frozen by themselves.
 */
import { TributaryError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearestName.ts';
import { checkDimension } from '../checks.ts';
import { findNotFinite } from '../data/dataset.ts';
import type { CompiledModel, FoundTensor, ModelFindings, ParameterLayout, TensorsDefinition } from '../engine.ts';
import { findTensor, findTensors } from '../findings.ts';
import { createLayout, elementCount } from '../layout.ts';
import {
  floatsOf,
  floatTensorsOf,
  isFloating,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from '../safetensors.ts';

/** What a file of tensors is as a model. */
export interface TensorsModel {
  /** Of what is trained, in the order of the file. */
  layout: ParameterLayout;
  /** What training starts from, [d]. */
  start: Float32Array;
  findings: ModelFindings;
  /** Every tensor of the file, in its order: what is trained with these values, [d], what is frozen as it was. */
  tensorsWith(parameters: Float32Array): StoredTensor[];
}

/** Errors: MODEL_INVALID, MODEL_MISMATCH where the task freezes a tensor that the file does not have. */
export function readTensorsModel({
  bytes,
  tensors: terms = {},
}: Pick<TensorsDefinition, 'bytes' | 'tensors'>): TensorsModel {
  const stored = readSafetensors(bytes, 'The model file');
  const names = stored.map(({ name }) => name);
  const unknown = Object.keys(terms).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const meant = nearestName(unknown, names);
    const message = `model.tensors: the model file has no tensor "${unknown}"; did you mean ${meant}?`;
    throw new TributaryError('MODEL_MISMATCH', message, { args: { tensor: unknown } });
  }
  const isTrained = (tensor: StoredTensor) => isFloating(tensor) && terms[tensor.name]?.frozen !== true;
  const trained = stored.filter(isTrained);
  const layout = createLayout(trained);
  if (layout.dimension === 0)
    throw new TributaryError('MODEL_INVALID', 'The model file has no tensor that is trained.');
  const start = new Float32Array(layout.dimension);
  for (const [index, tensor] of trained.entries()) start.set(finiteOf(tensor), layout.tensors[index]!.offset);
  const findings = {
    trained: findTensors(layout, start),
    frozen: stored
      .filter((tensor) => !isTrained(tensor))
      .map((tensor) => ({
        ...found(tensor),
        reason: isFloating(tensor) ? 'the task says so' : `it holds ${tensor.dtype}`,
      })),
    constants: 0,
    changes: changesOf(trained, stored),
  };
  return {
    layout,
    start,
    findings,
    tensorsWith(parameters) {
      checkDimension(parameters, layout);
      const values = new Map(floatTensorsOf(layout, parameters).map((tensor) => [tensor.name, tensor]));
      return stored.map((tensor) => values.get(tensor.name) ?? tensor);
    },
  };
}

/** As `compiledOf`. Errors: those of `readTensorsModel`. */
export function compileTensors(definition: Pick<TensorsDefinition, 'bytes' | 'tensors'>): CompiledModel {
  return compiledOf(readTensorsModel(definition));
}

/** For who needs its layout, its start and its export. Errors, to train and to evaluate: ENGINE_UNAVAILABLE. */
export function compiledOf({ layout, start, findings, tensorsWith }: TensorsModel): CompiledModel {
  return {
    layout,
    findings,
    initialParameters: () => start.slice(),
    async trainLocally() {
      throw withoutEngine('trained');
    },
    async evaluate() {
      throw withoutEngine('evaluated');
    },
    async predict() {
      throw withoutEngine('evaluated');
    },
    exportOnnx() {
      const message = 'A model of named tensors has no graph, and so no ONNX: take it as safetensors.';
      throw new TributaryError('OPERATOR_UNSUPPORTED', message);
    },
    exportTensors: (parameters: Float32Array) => writeSafetensors(tensorsWith(parameters)),
    dispose: async () => undefined,
  };
}

function withoutEngine(done: string): TributaryError {
  return new TributaryError(
    'ENGINE_UNAVAILABLE',
    `A model of named tensors is ${done} by a program of your own: name it, for example with --engine process:"python train.py".`,
  );
}

function finiteOf(tensor: StoredTensor): Float32Array {
  const values = floatsOf(tensor);
  const wrong = findNotFinite(values);
  if (wrong < 0) return values;
  throw new TributaryError(
    'MODEL_INVALID',
    `In the model file the tensor "${tensor.name}" holds ${values[wrong]} at place ${wrong}.`,
  );
}

function found(tensor: StoredTensor): FoundTensor {
  const { name, shape } = tensor;
  const values = isFloating(tensor) ? floatsOf(tensor) : [];
  return { ...findTensor(name, shape, values), count: elementCount(shape) };
}

function changesOf(trained: readonly StoredTensor[], stored: readonly StoredTensor[]): string[] {
  const list = (tensors: readonly StoredTensor[]) => tensors.map(({ name, dtype }) => `${name} (${dtype})`).join(', ');
  const converted = trained.filter(({ dtype }) => dtype !== 'F32');
  const whole = stored.filter((tensor) => !isFloating(tensor));
  return [
    ...(converted.length > 0 ? [`Trained as float32, and exported so: ${list(converted)}.`] : []),
    ...(whole.length > 0 ? [`Frozen, since they hold no floating numbers: ${list(whole)}.`] : []),
  ];
}
