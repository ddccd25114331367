/**
 * What a trainer's updates have cost of its budget, over all rounds and federations. A round is written down before it is trained: what
 * happens then, nothing is used that was not counted.
 */
import { z } from 'zod/v4';
import { TributaryError } from '../../core/errors.ts';
import { parseWith } from '../../core/task.ts';
import { type Budget, epsilonOf, type Steps } from './budget.ts';

const spendingSchema = z.strictObject({
  /** `chain id/address` of the federation. */
  federation: z.string(),
  round: z.int().min(1),
  noiseMultiplier: z.number().min(0),
  samplingRate: z.number().min(0).max(1),
  times: z.int().min(1),
});

/** The steps of one training. A round that is trained twice stands there twice: its noise was drawn anew. */
export type Spending = z.infer<typeof spendingSchema>;

const ledgerSchema = z.strictObject({ format: z.literal('tributary-ledger/1'), spendings: z.array(spendingSchema) });

export function encodeLedger(spendings: readonly Spending[]): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ format: 'tributary-ledger/1', spendings }, null, 1)}\n`);
}

/** Errors: CONFIG_INVALID, naming what is wrong. */
export function decodeLedger(bytes: Uint8Array): Spending[] {
  return parseWith(ledgerSchema, JSON.parse(new TextDecoder().decode(bytes)), 'ledger').spendings;
}

/** What is said of a ledger that cannot be read; `where` names it at the beginning of the sentence. */
export function damagedLedger(where: string): TributaryError {
  return new TributaryError(
    'PRIVACY_LEDGER_BEHIND',
    `${where} is damaged, so what was spent of the budget is not known: put it back from a backup of the data folder.`,
  );
}

/** ε that is spent with the budget's δ, and what is left of it. */
export function accountOf(spendings: readonly Steps[], { epsilon, delta }: Budget): { spent: number; left: number } {
  const spent = epsilonOf(spendings, delta);
  return { spent, left: Math.max(0, epsilon - spent) };
}

/** The ε that is spent with `next`. Errors: PRIVACY_BUDGET_SPENT where that would go beyond the budget; it says what is left. */
export function checkBudget(spendings: readonly Spending[], next: Spending, budget: Budget): number {
  const { spent: after } = accountOf([...spendings, next], budget);
  if (after <= budget.epsilon) return after;
  const { spent, left } = accountOf(spendings, budget);
  throw new TributaryError(
    'PRIVACY_BUDGET_SPENT',
    `Round ${next.round} would spend ε = ${after.toFixed(3)} of ${budget.epsilon} (δ = ${budget.delta}): ${spent.toFixed(3)} are spent, ${left.toFixed(3)} are left, and the round is not trained.`,
    { args: { round: next.round, spent, left, after } },
  );
}

/**
 * The ledger must know of every update of these data. Errors: PRIVACY_LEDGER_BEHIND where the chain shows rounds that it does not: it was put
 * back from an older copy, or they were trained without.
 */
export function checkKnows(spendings: readonly Spending[], federation: string, submitted: readonly number[]): void {
  const known = new Set(spendings.filter((one) => one.federation === federation).map(({ round }) => round));
  const unknown = submitted.filter((round) => !known.has(round));
  if (unknown.length === 0) return;
  throw new TributaryError(
    'PRIVACY_LEDGER_BEHIND',
    `The chain holds updates of this account for ${unknown.length === 1 ? 'round' : 'rounds'} ${unknown.slice(0, 10).join(', ')} that the ledger of privacy does not know, so no ε can be stated: put back the newest copy of the data folder, or begin with another account and data that no update was made of.`,
    { args: { rounds: unknown } },
  );
}
