/** What a process may pay, by its options, and what it has paid, in its folder. */
import { parseEther, parseUnits } from 'ethers';
import { z } from 'zod/v4';
import { createSpending, type Spending } from '../chain/spending.ts';
import type { Report } from '../participant/events.ts';
import { type KeptFiles, readJson, writeJson } from '../storage/keptFiles.ts';
import type { NodeOptions } from './options.ts';

const file = 'payments.json';
const paymentsSchema = z.array(z.object({ at: z.number(), wei: z.string().regex(/^\d+$/) }));

export function openSpending(options: NodeOptions, files: KeptFiles, report: Report): Spending {
  const { maxFeeGwei, maxSpend } = options;
  const limits = {
    maxFeePerGasWei: maxFeeGwei === undefined ? undefined : parseUnits(maxFeeGwei, 'gwei'),
    maxDayWei: maxSpend === undefined ? undefined : parseEther(maxSpend),
  };
  const book = {
    // what cannot be read is no reason to pay nothing
    read: async () => paymentsSchema.safeParse(await readJson(files, file)).data ?? [],
    write: (payments: z.infer<typeof paymentsSchema>) => writeJson(files, file, payments),
  };
  return createSpending(limits, book, (step, reason) => report({ event: 'overspent', step, reason }));
}
