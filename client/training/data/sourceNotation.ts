/**
 * Data sources as a person writes them on the command line or in a configuration: `kind:where?option=value&…`
 *
 *   mnist:2/5?partition=dirichlet:0.5&seed=7   the second of five shards of the bundled digits
 *   mnist?set=heldOut&seed=7                   their held-out samples (a fifth of each class)
 *   mnist:1/2?set=heldOut&seed=7               the first half of them
 *   csv:patients.csv                           a table; what its columns mean, the task says
 *   csv:export.txt?delimiter=tab&encoding=windows-1252&decimal=,
 *   idx:train-images-idx3-ubyte.gz,train-labels-idx1-ubyte.gz
 *   npy:features.npy,labels.npy
 *   images:photos
 *
 * Options of every kind: `shard=2/5` (counted from 1), `partition` (iid), `seed` (0), `heldOut` (share set aside; 0.2 for
 * mnist, else 0), `set` (training or heldOut). Of csv, how the file is written: `delimiter`, `encoding`, `decimal`, `thousands`; and
 * `units=confirmed`. A value is written as it is, but % as %25, & as %26 and # as %23; every other character may be written as % and
 * its byte too. Paths must not contain `?`.
 */
import { TributaryError } from '../../core/errors.ts';
import { formatOptions } from './table/format.ts';

export type SourceKind = 'mnist' | 'csv' | 'idx' | 'npy' | 'images';

export interface Source {
  kind: SourceKind;
  where: string;
  /** In the order in which they stand there; a name may come again. */
  options: readonly (readonly [name: string, value: string])[];
}

const ownOptions: Record<SourceKind, readonly string[]> = {
  mnist: [],
  csv: [...formatOptions, 'units'],
  idx: [],
  npy: [],
  images: [],
};
const commonOptions = ['shard', 'partition', 'seed', 'heldOut', 'set'];
/** What a source said before tasks described their data. */
const decidedByTask = ['label', 'schema', 'scaling', 'target', 'ignore', 'classes', 'firstLabel', 'transposed'];
/** What a source may say that is described, and is then the task's. */
const describingOptions = ['label', 'target', 'ignore'];

/** Errors: CONFIG_INVALID, naming what is wrong. */
export function parseSource(text: string): Source {
  const [address = '', query = ''] = splitOnce(text, '?');
  const [kind = '', where = ''] = splitOnce(address, ':');
  if (!Object.hasOwn(ownOptions, kind)) {
    throw invalid(
      'data',
      text,
      'mnist:<shard>/<shards>, csv:<path>, idx:<features>,<labels>, npy:<features>,<labels> or images:<folder>',
    );
  }
  const options = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = splitOnce(part, '=').map((half) => decoded(half, text));
      return [name, value] as const;
    });
  return { kind: kind as SourceKind, where, options };
}

/** As `parseSource` reads it. */
export function formatSource({ kind, where, options }: Source): string {
  const address = where === '' ? kind : `${kind}:${where}`;
  const written = options.map(([name, value]) => `${name}=${value.replace(/[%&#\s]/g, encodeURIComponent)}`);
  return written.length === 0 ? address : `${address}?${written.join('&')}`;
}

/** The options of a source that is read by a task. Errors: CONFIG_INVALID where one is not known, comes twice, or is the task's to decide. */
export function readingOptions({ kind, options }: Source): ReadonlyMap<string, string> {
  const known = [...commonOptions, ...ownOptions[kind]];
  for (const [name, value] of options) {
    if (decidedByTask.includes(name)) {
      throw new TributaryError(
        'CONFIG_INVALID',
        `data: ${name}: the task's description of its data decides it, not a source: leave it out. Whoever deploys a task writes that description with \`tributary data describe\`.`,
        { args: { field: name, value } },
      );
    }
    requireKnown(name, value, known);
  }
  const map = new Map(options);
  if (map.size === options.length) return map;
  const twice = options.find(([name], place) => options.findIndex(([other]) => other === name) !== place)!;
  throw invalid(twice[0], twice[1], 'said once');
}

/** What a source says that is described: its options by their names. Errors: CONFIG_INVALID. */
export function optionsToDescribe({ kind, options }: Source): (name: string) => string[] {
  const known = [...commonOptions, ...ownOptions[kind], ...(kind === 'csv' ? describingOptions : [])];
  for (const [name, value] of options) requireKnown(name, value, known);
  return (wanted) => options.filter(([name]) => name === wanted).map(([, value]) => value);
}

/** The source as it is read by the task that describes it. */
export function withoutDescribing({ options, ...source }: Source): Source {
  return { ...source, options: options.filter(([name]) => !describingOptions.includes(name)) };
}

function requireKnown(name: string, value: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw invalid(name, value, `one of the options ${known.join(', ')} (a value writes & as %26)`);
}

function decoded(text: string, source: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `data: "${source}" holds a % that is not followed by two hex digits of a character: write % as %25.`,
      { cause, args: { field: 'data', value: source } },
    );
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export function invalid(field: string, value: string | undefined, wanted: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `data: ${field}: "${value ?? ''}" is not ${wanted}.`, {
    args: { field, value },
  });
}
