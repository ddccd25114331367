/**
 * The unit of each tensor's fixed-point numbers. A model's coordinate reaches ±128 and one step of an update ±0.5: a tensor of larger
 * numbers is kept in units of a power of two, so that nothing is cut and nothing rounded by it.
 */
import { TributaryError } from '../core/errors.ts';
import { nearestName } from '../core/nearestName.ts';
import { modelFractionBits } from '../core/numbers.ts';
import type { CompiledModel, ParameterLayout } from './engine.ts';
import { findTensors } from './findings.ts';

/** Power of two by the tensor's name; 1 where none is given. */
export type Scales = Readonly<Record<string, number>>;

/** A model's coordinate stays below this. */
const largestCoordinate = 2 ** (31 - modelFractionBits);
/** Where a scale is chosen, weights may still become so many times as large as they are. */
const room = 4;

/** The same model whose flat vector holds each tensor ÷ its scale. Errors: MODEL_MISMATCH for a tensor that is not there. */
export function withScales(model: CompiledModel, scales: Scales): CompiledModel {
  const { layout, statistics, exportTensors, lossesInParts } = model;
  requireTensors(layout, Object.keys(scales));
  if (Object.values(scales).every((scale) => scale === 1)) return model;
  const units = new Float32Array(layout.dimension).fill(1);
  for (const { name, offset, size } of layout.tensors) units.fill(scales[name] ?? 1, offset, offset + size);
  const toWeights = (kept: Float32Array) => kept.map((value, index) => value * units[index]!);
  const toKept = (weights: Float32Array) => weights.map((value, index) => value / units[index]!);
  return {
    ...model,
    initialParameters: (seed) => toKept(model.initialParameters(seed)),
    async trainLocally(kept, data, options) {
      const trained = await model.trainLocally(toWeights(kept), data, options);
      return { ...trained, parameters: toKept(trained.parameters) };
    },
    units,
    evaluate: (kept, data) => model.evaluate(toWeights(kept), data),
    predict: (kept, data) => model.predict(toWeights(kept), data),
    exportOnnx: (kept) => model.exportOnnx(toWeights(kept)),
    ...(exportTensors && { exportTensors: (kept) => exportTensors(toWeights(kept)) }),
    ...(lossesInParts && { lossesInParts: (kept, parts) => lossesInParts(toWeights(kept), parts) }),
    ...(statistics && {
      statistics: {
        areDue: (kept) => statistics.areDue(toWeights(kept)),
        read: (kept) => statistics.read(toWeights(kept)),
        areSound: (before, after) => statistics.areSound(toWeights(before), toWeights(after)),
      },
    }),
  };
}

/** Scales for the tensors whose weights leave too little room, by the weights that the model starts from, [d]. */
export function chooseScales(layout: ParameterLayout, weights: Float32Array): Record<string, number> {
  const cramped = findTensors(layout, weights).filter(({ largest }) => largest * room > largestCoordinate);
  return Object.fromEntries(cramped.map(({ name, largest }) => [name, scaleFor(largest)]));
}

/** Errors: MODEL_INVALID where a weight would be cut, with the scale that holds it. */
export function checkRange(layout: ParameterLayout, kept: Float32Array): void {
  const cut = findTensors(layout, kept).find(({ largest }) => !(largest < largestCoordinate));
  if (cut === undefined) return;
  const { name, largest } = cut;
  throw new TributaryError(
    'MODEL_INVALID',
    `The tensor "${name}" holds ${largest}, and a model keeps less than ${largestCoordinate}: in the configuration give model.tensors["${name}"].scale, ${scaleFor(largest)} times what it is now.`,
    { args: { tensor: name, largest } },
  );
}

/** The power of two that leaves room to weights as large as this. */
function scaleFor(largest: number): number {
  return 2 ** Math.ceil(Math.log2((largest * room) / largestCoordinate));
}

/** Errors: MODEL_MISMATCH, naming one that is not there and what is meant. */
function requireTensors({ tensors }: ParameterLayout, names: readonly string[]): void {
  const known = tensors.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TributaryError(
    'MODEL_MISMATCH',
    `model.tensors: the model trains no tensor "${unknown}"; did you mean ${nearestName(unknown, known)}?`,
    { args: { tensor: unknown } },
  );
}
