/** A task's description of its data, for people. */
import type { Column } from '../../core/data/columns.ts';
import type { DataDescription, TableDescription, VectorsDescription } from '../../core/data/description.ts';
import { shapeInFiles } from '../../training/data/sampleOrder.ts';
import { markdownTable } from './markdown.ts';

/** As Markdown. */
export function dataInWords(data: DataDescription): string {
  switch (data.kind) {
    case 'table':
      return tableInWords(data);
    case 'images':
      return `The input \`image\` is float32 [N, ${data.channels}, ${data.height}, ${data.width}]: ${data.channels === 1 ? 'grey' : 'red, green, blue'}, in the files' own numbers from ${data.valueRange.join(' to ')}. The model scales them itself.\n\n${classesInWords(data.classes)}`;
    case 'vectors':
      return `The input \`vector\` is float32 [N, ${shapeInFiles(data).join(', ')}] ${orderInWords(data)}, from ${data.range.join(' to ')}. The model scales it itself.\n\n${classesInWords(data.classes)}`;
  }
}

/** The model turns samples upright where their shape has rows and columns. */
function orderInWords({ shape, transposed }: VectorsDescription): string {
  if (!transposed) return 'as the files have it';
  return shape.length > 1
    ? 'as the files have it, rows and columns exchanged'
    : 'turned upright, while the files have rows and columns exchanged';
}

function tableInWords({ columns, label }: TableDescription): string {
  const rows = columns.map((column) => [column.name, valuesInWords(column), missingInWords(column)]);
  return [
    'The model has one input for each column, named by it: numbers are float32 [N, 1], NaN where they are missing; categories are strings [N, 1].',
    '',
    markdownTable(['column', 'values', 'missing'], rows),
    '',
    labelInWords(label),
  ].join('\n');
}

function valuesInWords(column: Column): string {
  if (column.kind === 'category') return `one of ${column.values.map((value) => JSON.stringify(value)).join(', ')}`;
  const unit = column.unit === undefined ? '' : ` in ${column.unit}`;
  return `a number${unit}${column.range === undefined ? '' : ` from ${column.range.join(' to ')}`}`;
}

function missingInWords({ missing }: Column): string {
  const { as, become, indicator } = missing;
  const what = typeof become === 'object' ? JSON.stringify(become.value) : become;
  const then =
    become === 'refuse' ? 'the row is refused' : `becomes ${what}${indicator ? ', and the model is told' : ''}`;
  return `${as.map((text) => JSON.stringify(text)).join(', ')}: ${then}`;
}

function labelInWords(label: TableDescription['label']): string {
  switch (label.kind) {
    case 'class':
      return `It predicts "${label.column}". ${classesInWords(label.classes)}`;
    case 'labels':
      return `It answers yes-or-no questions: ${label.columns.join(', ')}. The output \`probabilities\` is how likely each is "${label.values[1]}".`;
    case 'number':
      return `It predicts the number "${label.column}"${label.unit === undefined ? '' : ` in ${label.unit}`}: the output \`prediction\`.`;
  }
}

function classesInWords(classes: readonly string[]): string {
  return `The classes are, in this order, ${classes.join(', ')}. The output \`label\` is the likeliest one's name, \`probabilities\` has one column for each.`;
}
