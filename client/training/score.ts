/** What one sample's outputs are worth: loss without class weights or smoothing, and how right they are. */
import type { Dataset, TrainingPlan } from './engine.ts';
import { logSumExp } from './metrics/probabilities.ts';

interface Score {
  loss: number;
  /** 1 for a right answer, 0 for a wrong one, the share of right answers to several questions; NaN for numbers. */
  correct: number;
}

type Outputs = Float32Array;

/** Scores the outputs for the sample at `place`. */
type Scorer = (outputs: Outputs, place: number) => Score;

function scoreClass(logits: Outputs, label: number): Score {
  const isLargest = logits.indexOf(logits.reduce((a, b) => Math.max(a, b))) === label;
  return { loss: logSumExp(logits) - logits[label]!, correct: isLargest ? 1 : 0 };
}

/** The answer is yes where the logit is above 0. */
function scoreAnswer(logit: number, answer: number): Score {
  const softplus = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
  return { loss: softplus - answer * logit, correct: logit > 0 === answer > 0.5 ? 1 : 0 };
}

function mean(outputs: Outputs, termOf: (output: number, place: number) => number): number {
  return outputs.reduce((sum, output, place) => sum + termOf(output, place), 0) / outputs.length;
}

/** The scorer of a plan's loss for this data. */
export function createScorer(
  { loss, huberDelta = 1 }: Pick<TrainingPlan, 'loss' | 'huberDelta'>,
  { labels, classes }: Pick<Dataset, 'labels' | 'classes'>,
): Scorer {
  const ofNumbers =
    (termOf: (error: number) => number): Scorer =>
    (outputs, place) => ({
      loss: mean(outputs, (output, k) => termOf(output - labels[place * classes + k]!)),
      correct: Number.NaN,
    });
  switch (loss) {
    case 'softmaxCrossEntropy':
      return (logits, place) => scoreClass(logits, labels[place]!);
    case 'binaryCrossEntropy':
      return (logits, place) => scoreAnswer(logits[0]!, labels[place]!);
    case 'multiLabelCrossEntropy':
      return (logits, place) => {
        const scores = Array.from(logits, (logit, k) => scoreAnswer(logit, labels[place * classes + k]!));
        return {
          loss: mean(logits, (_, k) => scores[k]!.loss),
          correct: mean(logits, (_, k) => scores[k]!.correct),
        };
      };
    case 'squaredError':
      return ofNumbers((error) => error ** 2);
    case 'absoluteError':
      return ofNumbers(Math.abs);
    case 'huberError':
      return ofNumbers((error) => {
        const near = Math.min(Math.abs(error), huberDelta);
        return near * (Math.abs(error) - near / 2);
      });
  }
}
