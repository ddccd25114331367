/** For how long what final rounds were made from is kept. */
import { z } from 'zod/v4';
import { isProposed, type Round } from '../../chain/rounds.ts';

/** So many of the newest final rounds; those whose challenge window ended within so many seconds, and the newest; or all. */
export type Retention = number | { seconds: number } | 'all';

const unitSeconds: Record<string, number> = { m: 60, h: 3600, d: 86_400 };
const duration = /^([1-9]\d{0,5})([mhd])$/;

/** As a person or a program writes it: 30, 36h, 365d, all. */
export const retentionSchema = z.union(
  [
    z.int().min(1),
    z.literal('all'),
    z.strictObject({ seconds: z.int().min(1) }),
    z
      .string()
      // without `abort`, what is none would be transformed too
      .regex(duration, { abort: true })
      .transform((text): { seconds: number } => {
        const [, count, unit] = duration.exec(text)!;
        return { seconds: Number(count) * unitSeconds[unit!]! };
      }),
  ],
  { error: 'a number of rounds, 1 or more, or all, or a time such as 36h or 365d' },
);

/** True for what is no number of rounds. */
export function isRetentionText(text: string): boolean {
  return text === 'all' || duration.test(text);
}

/** Numbers of the final rounds among these that are kept; `now` in seconds since 1970, by the chain's clock. */
export function keptRounds(rounds: Iterable<Round>, retention: Retention, now: () => number): Set<number> {
  const final = [...rounds].filter((round) => round.final).sort((a, b) => a.number - b.number);
  return new Set(choose(final, retention, now).map(({ number }) => number));
}

function choose(final: readonly Round[], retention: Retention, now: () => number): readonly Round[] {
  if (typeof retention === 'number') return final.slice(-retention);
  if (typeof retention !== 'object') return final;
  const since = now() - retention.seconds;
  return final.filter(
    (round, index) => index === final.length - 1 || (isProposed(round) && round.proposed.closesAt >= since),
  );
}
