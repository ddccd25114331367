/** Values that are voted on, as people write and read them, and as the contracts hold them: whole numbers in the contract's unit. */
import { formatEther, formatUnits, parseUnits, ZeroHash } from 'ethers';
import { cidFromDigest } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { fromHex } from '../core/hash.ts';
import { maxSquaredNormLimit, updateFractionBits } from '../core/numbers.ts';
import { squaredNormBound } from '../core/task.ts';

export interface Unit {
  /** How a value is written, for messages. */
  example: string;
  /** Undefined for what is not a value of this unit. */
  parse(text: string): bigint | undefined;
  format(value: bigint): string;
}

const majority = 'a majority of those expected';
const secondsOf = { s: 1n, min: 60n, h: 3_600n, d: 86_400n } as const;

function decimal(decimals: number): (text: string) => bigint | undefined {
  const shape = new RegExp(`^\\d{1,30}(\\.\\d{1,${decimals}})?$`);
  return (text) => (shape.test(text) ? parseUnits(text, decimals) : undefined);
}

function trimZeros(text: string): string {
  return text.replace(/\.0$/, '');
}

/** 1e-18 token. */
const tokensWei: Unit = {
  example: '200 or 0.5 (tokens)',
  parse: (text) => decimal(18)(text.replace(/ ?tokens?$/, '')),
  format: (value) => `${trimZeros(formatEther(value))} tokens`,
};

/** 1e-9 token. */
const tokensGwei: Unit = {
  example: '100 or 0.5 (tokens)',
  parse: (text) => decimal(9)(text.replace(/ ?tokens?$/, '')),
  format: (value) => `${trimZeros(formatUnits(value, 9))} tokens`,
};

/** 1e-18 of the chain's own currency. */
const currencyWei: Unit = {
  example: "0.001 (of the chain's own currency)",
  parse: decimal(18),
  format: (value) => `${trimZeros(formatEther(value))} of the chain's currency`,
};

const seconds: Unit = {
  example: '90, 90s, 15min, 6h or 7d',
  parse(text) {
    const match = /^(\d{1,12}) ?(s|min|h|d)?$/.exec(text);
    return match === null ? undefined : BigInt(match[1]!) * secondsOf[(match[2] ?? 's') as keyof typeof secondsOf];
  },
  format: formatSeconds,
};

/** 1e-4. */
const basisPoints: Unit = {
  example: '12.5% or 0.125',
  parse(text) {
    const percent = /^(.+?) ?%$/.exec(text);
    return percent === null ? decimal(4)(text) : decimal(2)(percent[1]!);
  },
  format: (value) => `${trimZeros(formatUnits(value, 2))} %`,
};

/** The contract's own fractions of a quorum are in percent. */
const percent: Unit = {
  example: '4%',
  parse: (text) => count.parse(text.replace(/ ?%$/, '')),
  format: (value) => `${value} %`,
};

const count: Unit = {
  example: '12',
  parse: (text) => (/^\d{1,30}$/.test(text) ? BigInt(text) : undefined),
  format: String,
};

/** Updates of a round; zero for a majority of those that it waits for. */
const updates: Unit = {
  example: '12, or majority',
  parse: (text) => (text === 'majority' || text === majority ? 0n : count.parse(text)),
  format: (value) => (value === 0n ? majority : String(value)),
};

/** Squared L2 norm of an update in squared update units; people say the norm, in the parameters' own units. */
const squaredNorm: Unit = {
  example: '32 or 0.5 (largest L2 norm of an update)',
  parse(text) {
    if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) return undefined;
    const norm = Number(text);
    return norm * 2 ** updateFractionBits > Math.sqrt(maxSquaredNormLimit) ? 2n ** 53n : BigInt(squaredNormBound(norm));
  },
  format: (value) => String(Number((Math.sqrt(Number(value)) / 2 ** updateFractionBits).toPrecision(6))),
};

export const units = {
  tokensWei,
  tokensGwei,
  currencyWei,
  seconds,
  basisPoints,
  percent,
  count,
  updates,
  squaredNorm,
};
export type UnitName = keyof typeof units;

/** `2 d 6 h`, in the largest units first. */
export function formatSeconds(value: bigint): string {
  const parts: string[] = [];
  let rest = value;
  for (const [unit, size] of Object.entries(secondsOf).reverse()) {
    if (rest >= size) parts.push(`${rest / size} ${unit}`);
    rest %= size;
  }
  return parts.join(' ') || '0 s';
}

/** Errors: CONFIG_INVALID. */
export function parseValue(unit: UnitName, name: string, text: string): bigint {
  const value = units[unit].parse(text.trim());
  if (value !== undefined) return value;
  throw new TributaryError(
    'CONFIG_INVALID',
    `${name}: "${text}" is no value of it: write it as ${units[unit].example}.`,
    {
      args: { field: name },
    },
  );
}

/** Votes are counted like tokens. */
export function formatVotes(wei: unknown): string {
  return `${trimZeros(formatEther(wei as bigint))} votes`;
}

/** The CID of a file below 1 MiB; of a larger one the digest is the same. */
export function formatDigest(digest: string): string {
  return digest === ZeroHash ? 'none' : cidFromDigest(fromHex(digest), 0).toString();
}
