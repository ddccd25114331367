/** A table's columns as inputs of their own, as skl2onnx has them, and the features that the task's description makes of them. */
import type { CategoryColumn, NumberColumn } from '../../core/data/columns.ts';
import type { NumberFormat, TableDescription } from '../../core/data/description.ts';
import { numbersAmong } from '../../core/data/numberText.ts';
import { TributaryError } from '../../core/errors.ts';
import { type ColumnScaling, replacementOf, scalingOf as scalingOfTraining } from '../data/table/columns.ts';
import { type GraphBuilder, valueInfo } from '../onnx/graph.ts';
import { float } from '../onnx/node.ts';
import { integerTensor } from '../onnx/tensor.ts';
import {
  addOfTables,
  cast,
  type Features,
  isCode,
  isNaNValue,
  isOutside,
  nanWhere,
  standardised,
  stringInfo,
} from './rawGraph.ts';

/** Numbers are float32 [batch, 1], NaN where they are missing; categories are strings [batch, 1] without blanks at their ends. */
export function addTableFeatures(graph: GraphBuilder, { columns, numbers }: TableDescription): Features {
  const added = columns.map((column) =>
    column.kind === 'number' ? addNumber(graph, column, numbers) : addCategory(graph, column),
  );
  return {
    inputs: columns.map(({ kind, name }) =>
      kind === 'number' ? valueInfo(name, 'float32', ['batch', 1]) : stringInfo(name, ['batch', 1]),
    ),
    features: graph.add(
      'Concat',
      added.flatMap(({ features }) => features),
      { axis: 1 },
    ),
    refused: added.map(({ refused }) => refused).reduce((one, other) => graph.add('Or', [one, other])),
  };
}

interface ColumnFeatures {
  /** [batch, width] each. */
  features: string[];
  /** bool [batch, 1] */
  refused: string;
}

function addNumber(graph: GraphBuilder, column: NumberColumn, format: NumberFormat): ColumnFeatures {
  const { name, range, missing } = column;
  const codes = numbersAmong(missing.as, format);
  const isMissing =
    codes.length === 0
      ? isNaNValue(graph, name)
      : codes.map((code) => isCode(graph, name, code)).reduce((one, other) => graph.add('Or', [one, other]));
  const known = graph.add('Not', [isMissing]);
  const isWrong = graph.add('And', [isOutside(graph, name, range), known]);
  const isBlank = graph.add('Or', [isMissing, isWrong]);
  const scaling = scalingOf(column);
  const scaled = standardised(graph, name, { centers: [scaling.shift], scales: [scaling.scale], shape: [1] });
  const filled = addOfTables(graph, 'Imputer', graph.add('Add', [scaled, nanWhere(graph, isBlank)]), {
    imputed_value_floats: { floats: [featureOfMissing(column, scaling)] },
    replaced_value_float: float(Number.NaN),
  });
  return {
    features: [filled, ...(missing.indicator ? [cast(graph, isMissing, 'float32')] : [])],
    refused: missing.become === 'refuse' ? isBlank : isWrong,
  };
}

/** As training scales a value, then by what the federation has computed. Errors: CONFIG_INVALID where it has not computed that yet. */
function scalingOf(column: NumberColumn): ColumnScaling {
  const { shift, scale } = scalingOfTraining(column);
  const { name, scaling, mean, standardDeviation } = column;
  if (scaling !== 'federated') return { shift, scale };
  if (mean === undefined || standardDeviation === undefined) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `The federation has not computed the mean and the standard deviation of "${name}" yet: take the model of a later round.`,
    );
  }
  return { shift: shift + scale * mean, scale: scale * standardDeviation };
}

/** 0 for a row that is refused, and for the mean that the federation has computed. */
function featureOfMissing(column: NumberColumn, { shift, scale }: ColumnScaling): number {
  const value = replacementOf(column);
  return value === undefined ? 0 : (value - shift) / scale;
}

/** Places of a text that is none of the values, and of one that makes the task refuse the row. */
const [ofNone, ofRefused] = [-1, -2];

function addCategory(graph: GraphBuilder, { name, values, encoding, missing }: CategoryColumn): ColumnFeatures {
  const { become } = missing;
  const texts = [...new Set(missing.as)];
  const placeOfMissing = become === 'refuse' ? ofRefused : become === 'none' ? ofNone : values.indexOf(become.value);
  const places = new Map([
    ...values.map((value, place) => [value, place] as const),
    ...texts.map((text) => [text, placeOfMissing] as const),
  ]);
  const place = encode(graph, name, places, ofRefused);
  const is = (constant: readonly number[]) =>
    graph.add('Equal', [place, graph.constant(integerTensor([constant.length], constant))]);
  const refused = is([ofRefused]);
  const indicator = () => cast(graph, encode(graph, name, new Map(texts.map((text) => [text, 1])), 0), 'float32');
  const index = () => {
    const isKnown = cast(graph, graph.add('Not', [refused]), 'int64'); // a place that no embedding has would end the whole batch
    return cast(graph, graph.add('Mul', [place, isKnown]), 'float32');
  };
  const main = encoding === 'index' ? index() : cast(graph, is(values.map((_, each) => each)), 'float32');
  return { features: [main, ...(missing.indicator ? [indicator()] : [])], refused };
}

function encode(graph: GraphBuilder, input: string, places: ReadonlyMap<string, number>, otherwise: number): string {
  if (places.size === 0) places = new Map([['', otherwise]]);
  return addOfTables(graph, 'LabelEncoder', input, {
    keys_strings: { strings: [...places.keys()] },
    values_int64s: [...places.values()],
    default_int64: otherwise,
  });
}
