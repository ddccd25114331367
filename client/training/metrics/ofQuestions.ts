import { type ClassMetrics, measureClasses } from './ofClasses.ts';
import { mean } from './probabilities.ts';

/** Of one yes-or-no question; precision, recall and F1 are those of "yes". */
export interface AnsweredQuestion
  extends Pick<ClassMetrics, 'accuracy' | 'balancedAccuracy' | 'f1' | 'auc' | 'logLoss' | 'calibrationError'> {
  name: string;
  /** Samples whose answer is yes. */
  positives: number;
  precision: number;
  recall: number;
}

/** How good a model of several yes-or-no questions is: means over the questions, of those for which a number can be said. */
export interface QuestionMetrics
  extends Pick<
    ClassMetrics,
    'samples' | 'accuracy' | 'balancedAccuracy' | 'f1' | 'auc' | 'logLoss' | 'calibrationError'
  > {
  kind: 'questions';
  perQuestion: AnsweredQuestion[];
}

/** Logits and answers (0 or 1), [count × questions]. */
export function measureQuestions(
  outputs: Float32Array,
  answers: ArrayLike<number>,
  names: readonly string[],
): QuestionMetrics {
  const samples = outputs.length / names.length;
  const perQuestion = names.map((name, question) => {
    const place = (_: unknown, sample: number) => sample * names.length + question;
    const places = Array.from({ length: samples }, place);
    const logits = Float32Array.from(places, (at) => outputs[at]!);
    const {
      perClass,
      confusion,
      kind,
      samples: _,
      ...metrics
    } = measureClasses(
      logits,
      places.map((at) => (answers[at]! > 0.5 ? 1 : 0)),
      ['no', 'yes'],
    );
    const { support, precision, recall, f1 } = perClass[1]!;
    return { ...metrics, name, positives: support, precision, recall, f1 };
  });
  const meanOf = (metric: 'accuracy' | 'balancedAccuracy' | 'f1' | 'auc' | 'logLoss' | 'calibrationError') =>
    mean(perQuestion.map((question) => question[metric]).filter((value) => !Number.isNaN(value)));
  return {
    kind: 'questions',
    samples,
    accuracy: meanOf('accuracy'),
    balancedAccuracy: meanOf('balancedAccuracy'),
    f1: meanOf('f1'),
    auc: meanOf('auc'),
    logLoss: meanOf('logLoss'),
    calibrationError: meanOf('calibrationError'),
    perQuestion,
  };
}
