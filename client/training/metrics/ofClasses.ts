import { calibrationError } from './calibration.ts';
import { balancedAccuracy, type ClassCounts, countClasses, macroF1 } from './confusion.ts';
import { largestOf, logOdds, logSumExp, mean } from './probabilities.ts';
import { areaUnderCurve } from './ranking.ts';

/** How good a model of classes is. NaN is what cannot be said, such as the area under the curve of samples of one class. */
export interface ClassMetrics {
  kind: 'classes';
  samples: number;
  accuracy: number;
  /** Mean recall of the classes that the samples have. */
  balancedAccuracy: number;
  /** Mean of the classes' F1. */
  f1: number;
  /** Each class against the others, then the mean over the classes that the samples have. */
  auc: number;
  /** Mean −log of the probability that was given to the right class, in nat. */
  logLoss: number;
  calibrationError: number;
  perClass: ClassCounts[];
  /** Samples by their class, then by the predicted one. */
  confusion: number[][];
}

/** `outputs` are logits, [count × classes], or [count], those of the second of two classes. */
export function measureClasses(
  outputs: Float32Array,
  labels: ArrayLike<number>,
  names: readonly string[],
): ClassMetrics {
  const count = labels.length;
  const width = outputs.length / count;
  const logitsOf = (sample: number) => {
    const own = outputs.subarray(sample * width, (sample + 1) * width);
    return width === names.length ? own : [0, own[0]!];
  };
  const confusion = names.map(() => names.map(() => 0));
  const confidences = new Float64Array(count);
  const predictions = new Uint32Array(count);
  const losses = new Float64Array(count);
  const totals = new Float64Array(count);
  for (let sample = 0; sample < count; sample++) {
    const logits = logitsOf(sample);
    const predicted = largestOf(logits);
    const total = logSumExp(logits);
    totals[sample] = total;
    predictions[sample] = predicted;
    confidences[sample] = Math.exp(logits[predicted]! - total);
    losses[sample] = total - logits[labels[sample]!]!;
    confusion[labels[sample]!]![predicted]!++;
  }
  const isRight = (sample: number) => predictions[sample] === labels[sample];
  const perClass = countClasses(confusion, names);
  const areas = perClass.map(({ support }, each) => {
    if (support === 0) return Number.NaN;
    const scores = Float64Array.from(totals, (total, sample) => logOdds(logitsOf(sample), each, total));
    return areaUnderCurve(scores, (sample) => labels[sample] === each);
  });
  return {
    kind: 'classes',
    samples: count,
    accuracy: mean(Array.from(predictions, (_, sample) => (isRight(sample) ? 1 : 0))),
    balancedAccuracy: balancedAccuracy(perClass),
    f1: macroF1(confusion, perClass),
    auc: mean(areas.filter((area) => !Number.isNaN(area))),
    logLoss: mean(losses),
    calibrationError: calibrationError(confidences, isRight),
    perClass,
    confusion,
  };
}
