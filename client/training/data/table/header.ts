/** Where a file has the columns of a task: by name, in any order. */

import { canonicalText } from '../../../core/data/text.ts';
import { TributaryError } from '../../../core/errors.ts';
import type { Skips } from '../report.ts';
import { listed } from './columns.ts';

/** The places of the columns in the file. Errors: DATA_INVALID where one is not there, or twice. */
export function findColumns(path: string, header: readonly string[], names: readonly string[]): number[] {
  const fail = (problem: string) =>
    new TributaryError('DATA_INVALID', `${path} ${problem}; its columns are: ${listed(header)}.`, {
      args: { columns: header },
    });
  const places = new Map<string, number>();
  const twice = new Set<string>();
  for (const [place, name] of header.entries()) {
    if (places.has(name)) twice.add(name);
    places.set(name, place);
  }
  return names.map(canonicalText).map((name) => {
    const place = places.get(name);
    if (place === undefined) {
      const alike = header.find((other) => looseName(other) === looseName(name));
      const hint = alike === undefined ? '' : ` (is it "${alike}"? Rename it in the file)`;
      throw fail(`has no column "${name}", which the task asks for${hint}`);
    }
    if (twice.has(name)) throw fail(`has two columns named "${name}"`);
    return place;
  });
}

/** What the task does not use, and another order. */
export function remarkOnHeader(
  header: readonly string[],
  { features, labels, ignored }: { features: readonly number[]; labels: readonly number[]; ignored: readonly string[] },
  skips: Skips,
): void {
  const used = new Set([...features, ...labels]);
  const known = new Set(ignored.map(canonicalText));
  const unknown = header.filter((name, place) => name !== '' && !used.has(place) && !known.has(name));
  if (unknown.length > 0) skips.remark(`The task does not use the columns ${listed(unknown)}.`);
  const nameless = header.flatMap((name, place) => (name === '' ? [place + 1] : []));
  if (nameless.length > 0) skips.remark(`Column ${listed(nameless.map(String))} has no name and is not used.`);
  if (features.some((place, index) => index > 0 && place < features[index - 1]!)) {
    skips.remark('The columns stand in another order than in the task: they were taken by name.');
  }
}

function looseName(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, '');
}
