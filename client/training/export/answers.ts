/** What a model's outputs mean: the class by its name, probabilities, numbers in their own unit. */
import { classNamesOf, type DataDescription } from '../../core/data/description.ts';
import { scaleOfTargets } from '../../core/data/targets.ts';
import type { Loss } from '../engine.ts';
import { type GraphBuilder, valueInfo } from '../onnx/graph.ts';
import type { ValueInfoProto } from '../onnx/proto.ts';
import { floatTensor, integerTensor } from '../onnx/tensor.ts';
import { addOfTables, cast, nanWhere, stringInfo } from './rawGraph.ts';

export interface Answers {
  /** bool [batch, 1]: such a sample's numbers are NaN, and its label is empty. */
  refused: string;
  /** The model's own outputs, [batch, …]. */
  outputs: string;
}

/** The names that the graph's outputs are to have, see `addAnswers`. */
export type NameOf = (output: 'label' | 'probabilities' | 'prediction') => string;

/**
 * Of classes `label`, string [batch], and `probabilities`, float32 [batch, classes]; of yes-or-no questions `probabilities` that it is yes;
 * of numbers `prediction`, float32 [batch, numbers].
 */
export function addAnswers(
  graph: GraphBuilder,
  { outputs, refused }: Answers,
  { data, loss, classes }: { data: DataDescription; loss: Loss; classes: number },
  nameOf: NameOf,
): ValueInfoProto[] {
  const refuse = (value: string, name: string) => graph.addNamed('Add', [value, nanWhere(graph, refused)], [name]);
  const probabilities = nameOf('probabilities');
  switch (loss) {
    case 'softmaxCrossEntropy':
    case 'binaryCrossEntropy': {
      const isBinary = loss === 'binaryCrossEntropy';
      refuse(isBinary ? ofTwo(graph, outputs) : graph.add('Softmax', [outputs], { axis: 1 }), probabilities);
      const places = isBinary
        ? graph.add('Reshape', [
            cast(graph, graph.add('Greater', [outputs, graph.scalar(0)]), 'int64'),
            graph.integers([-1]),
          ])
        : graph.add('ArgMax', [outputs], { axis: 1, keepdims: 0 });
      addLabel(graph, places, refused, { name: nameOf('label'), classes: classNamesOf(data) ?? [] });
      return [stringInfo(nameOf('label'), ['batch']), valueInfo(probabilities, 'float32', ['batch', classes])];
    }
    case 'multiLabelCrossEntropy':
      refuse(graph.add('Sigmoid', [outputs]), probabilities);
      return [valueInfo(probabilities, 'float32', ['batch', classes])];
    default:
      refuse(inOwnUnit(graph, outputs, data), nameOf('prediction'));
      return [valueInfo(nameOf('prediction'), 'float32', ['batch', classes])];
  }
}

/** From the logit of the second. */
function ofTwo(graph: GraphBuilder, logit: string): string {
  const first = graph.add('Sigmoid', [graph.add('Neg', [logit])]); // 1 − p would be rounded off near 0
  return graph.add('Concat', [first, graph.add('Sigmoid', [logit])], { axis: 1 });
}

/** The class at the place; of a refused sample the empty text. */
function addLabel(
  graph: GraphBuilder,
  places: string,
  refused: string,
  { name, classes }: { name: string; classes: readonly string[] },
): void {
  const isRefused = graph.add('Reshape', [cast(graph, refused, 'int64'), graph.integers([-1])]);
  const one = graph.constant(integerTensor([], [1]));
  const kept = graph.add('Mul', [places, graph.add('Sub', [one, isRefused])]);
  const label = addOfTables(graph, 'LabelEncoder', graph.add('Sub', [kept, isRefused]), {
    keys_int64s: classes.map((_, place) => place),
    values_strings: { strings: classes },
    default_string: '',
  });
  graph.addNamed('Identity', [label], [name]);
}

function inOwnUnit(graph: GraphBuilder, outputs: string, data: DataDescription): string {
  const { mean, standardDeviation } = scaleOfTargets(data);
  if (mean === 0 && standardDeviation === 1) return outputs;
  const scaled = graph.add('Mul', [outputs, graph.constant(floatTensor([1], [standardDeviation]))]);
  return graph.add('Add', [scaled, graph.constant(floatTensor([1], [mean]))]);
}
