/** Arguments with one thing wrong. */

export type Kind = 'longer' | 'shorter' | 'flipped' | 'next' | 'high';

export interface Mutation {
  /** Where in the arguments, for example `1.path.0`. */
  where: string;
  kind: Kind;
  args: unknown[];
}

/** Every way to change one value, list or string of bytes of the arguments. */
export function* mutate(args: readonly unknown[]): Generator<Mutation> {
  for (const [where, kind, value] of mutateValue('', args)) {
    yield { where: where.slice(1), kind, args: value as unknown[] };
  }
}

type Changed = [where: string, kind: Kind, value: unknown];

function* mutateValue(where: string, value: unknown): Generator<Changed> {
  if (Array.isArray(value)) yield* mutateList(where, value);
  else if (typeof value === 'object' && value !== null) yield* mutateFields(where, value as Record<string, unknown>);
  else if (typeof value === 'string') yield* mutateBytes(where, value);
  else yield* mutateNumber(where, BigInt(value as bigint | number));
}

function* mutateList(where: string, list: readonly unknown[]): Generator<Changed> {
  // the arguments themselves are as many as they are
  if (where !== '' && list.length > 0) {
    yield [where, 'longer', [...list, list.at(-1)]];
    yield [where, 'shorter', list.slice(0, -1)];
  }
  for (const [index, item] of list.entries()) {
    for (const [place, kind, changed] of mutateValue(`${where}.${index}`, item))
      yield [place, kind, list.with(index, changed)];
  }
}

function* mutateFields(where: string, fields: Record<string, unknown>): Generator<Changed> {
  for (const [name, field] of Object.entries(fields)) {
    for (const [place, kind, changed] of mutateValue(`${where}.${name}`, field))
      yield [place, kind, { ...fields, [name]: changed }];
  }
}

/** Words and addresses keep their length; other bytes are also cut and lengthened. */
function* mutateBytes(where: string, hex: string): Generator<Changed> {
  const bytes = (hex.length - 2) / 2;
  if (bytes > 0) {
    const last = Number.parseInt(hex.slice(-1), 16) ^ 1;
    yield [where, 'flipped', hex.slice(0, -1).toLowerCase() + last.toString(16)];
  }
  if (bytes === 20 || bytes === 32) return;
  yield [where, 'longer', `${hex}00`];
  if (bytes > 0) yield [where, 'shorter', hex.slice(0, -2)];
}

function* mutateNumber(where: string, value: bigint): Generator<Changed> {
  yield [where, 'next', value + 1n];
  if (value < 1n << 200n) yield [where, 'high', value | (1n << 200n)];
}
