/** Proposes how a task describes its data, from a source that shows all of it. */
import type { DataDescription } from '../../core/data/description.ts';
import { invalid, optionsToDescribe, parseSource } from './sourceNotation.ts';
import { describeTable } from './table/describe/describeTable.ts';
import { parseTableFormat } from './table/format.ts';

/** What a person says beforehand: of a table, which columns are predicted, what they are and which are not used. */
export interface DescribeOptions {
  label?: readonly string[];
  target?: 'class' | 'number' | undefined;
  ignore?: readonly string[];
}

/** A description, and what a person should look at before it is a task's: whole sentences. */
export interface ProposedDescription {
  data: DataDescription;
  questions: string[];
}

/** What the source itself says (`label`, `target`, `ignore`) counts too. Errors: CONFIG_INVALID, and those of the readers. */
export async function describeData(source: string, options: DescribeOptions = {}): Promise<ProposedDescription> {
  const parsed = parseSource(source);
  const { kind, where } = parsed;
  const all = optionsToDescribe(parsed);
  if (kind === 'mnist') return { data: digits, questions: [] };
  if (where === '') throw invalid('data', source, `${kind}:<path>`);
  if (kind === 'images') return await (await import('./imageSurvey.ts')).describeImages(where);
  if (kind !== 'csv') return await (await import('./idxSurvey.ts')).describeVectors(where);
  const target = options.target ?? all('target')[0];
  if (target !== undefined && target !== 'class' && target !== 'number') {
    throw invalid('target', target, 'one of class, number');
  }
  return await describeTable(where, {
    label: [...(options.label ?? []), ...all('label')],
    ignore: [...(options.ignore ?? []), ...all('ignore')],
    target,
    format: parseTableFormat(new Map(parsed.options)),
  });
}

const digits: DataDescription = {
  kind: 'vectors',
  shape: [1, 28, 28],
  range: [0, 255],
  scaling: 'range',
  transposed: false,
  classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  maxSkippedShare: 0.05,
};
