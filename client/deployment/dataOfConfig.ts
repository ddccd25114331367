/** What a configuration says of its data, against what it says of its model: both must mean the same samples. */
import { type DataDescription, dataDescriptionSchema, labelCountOf, shapeOfData } from '../core/data/description.ts';
import { TributaryError } from '../core/errors.ts';
import { sampleSize } from '../training/data/dataset.ts';
import type { Loss, TaskShape } from '../training/engine.ts';

const lossesOf = {
  class: ['softmaxCrossEntropy', 'binaryCrossEntropy'],
  number: ['squaredError', 'absoluteError', 'huberError'],
  labels: ['multiLabelCrossEntropy'],
} as const;

interface Described {
  model: TaskShape;
  data?: DataDescription | undefined;
  training: { loss: Loss };
}

/** Where a configuration describes its data and says nothing of the model's shape, classes or loss, they follow from it. */
export function fittedToData(value: unknown): unknown {
  const given = (value ?? {}) as { data?: unknown; model?: object; training?: object };
  const parsed = dataDescriptionSchema.safeParse(given.data);
  if (!parsed.success) return value;
  const { data } = parsed;
  const shape = shapeOfData(data);
  const { kind = '2nn' } = (given.model ?? {}) as { kind?: string };
  const isFlat = kind === 'logistic' || kind === '2nn';
  const inputShape = isFlat ? [sampleSize(shape)] : shape;
  return {
    ...given,
    model: { inputShape, classes: labelCountOf(data), ...given.model },
    training: { loss: lossesOf[labelKindOf(data)][0], ...given.training },
  };
}

/** Errors: CONFIG_INVALID where the model, the loss or the number of classes is of other data. */
export function checkDataFits({ model, data, training }: Described, where: string): void {
  if (data === undefined) return;
  const shape = shapeOfData(data);
  const count = labelCountOf(data);
  const kind = labelKindOf(data);
  const losses: readonly string[] = lossesOf[kind];
  if (sampleSize(shape) !== sampleSize(model.inputShape)) {
    throw invalid(
      `${where}.model.inputShape`,
      `is [${model.inputShape}], but the data has [${shape}]: write that, or leave it out`,
    );
  }
  if (count !== model.classes) {
    throw invalid(
      `${where}.model.classes`,
      `is ${model.classes}, but the data has ${count}: write that, or leave it out`,
    );
  }
  if (!losses.includes(training.loss)) {
    const labels = { class: 'classes', number: 'numbers', labels: 'several yes-or-no questions' }[kind];
    throw invalid(
      `${where}.training.loss`,
      `is ${training.loss}, but the labels are ${labels}: take ${losses.join(' or ')}`,
    );
  }
  if (training.loss === 'binaryCrossEntropy' && count !== 2) {
    throw invalid(
      `${where}.training.loss`,
      `is binaryCrossEntropy, which tells two classes apart, but the data has ${count}`,
    );
  }
}

function labelKindOf(data: DataDescription): keyof typeof lossesOf {
  return data.kind === 'table' ? data.label.kind : 'class';
}

function invalid(field: string, problem: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `${field} ${problem}.`, { args: { field } });
}
