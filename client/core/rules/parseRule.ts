import { TributaryError } from '../errors.ts';
import type { Rule } from './rule.ts';

/** `mean`, `median`, `trimmedMean:0.2` (the share cut off at each end). Errors: CONFIG_INVALID. */
export function parseRule(text: string): Rule {
  const [name, share, ...rest] = text.split(':');
  if ((name === 'mean' || name === 'median') && share === undefined) return { name, trimBasisPoints: 0 };
  const trimBasisPoints = Math.round(Number(share) * 10_000);
  if (name === 'trimmedMean' && rest.length === 0 && trimBasisPoints >= 1 && trimBasisPoints < 5_000) {
    return { name, trimBasisPoints };
  }
  throw new TributaryError(
    'CONFIG_INVALID',
    `rule: "${text}" is none of: mean, median, trimmedMean:<share cut off at each end, above 0 and below 0.5>.`,
    { args: { field: 'rule' } },
  );
}

/** As `parseRule` reads it. */
export function formatRule({ name, trimBasisPoints }: Rule): string {
  return name === 'trimmedMean' ? `${name}:${trimBasisPoints / 10_000}` : name;
}
