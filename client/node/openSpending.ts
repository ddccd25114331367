/** What a process may pay, by its options, and what it has paid, in its folder. */
import { parseEther, parseUnits } from 'ethers';
import { z } from 'zod/v4';
import { knownFailure } from '../chain/failure.ts';
import { createSpending, type PaymentBook, type Spending } from '../chain/spending.ts';
import { parseWith } from '../core/task.ts';
import type { Report } from '../participant/events.ts';
import { reportRetry } from '../participant/loop.ts';
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
  const book = openPaymentBook(files, report);
  return createSpending(limits, book, (step, reason) => report({ event: 'overspent', step, reason }));
}

/** What is damaged is no reason to pay nothing. */
export function openPaymentBook(files: KeptFiles, report: Report): PaymentBook {
  return {
    read: async () => (await readJson(files, file, (document) => parseWith(paymentsSchema, document, file))) ?? [],
    // the transaction is mined: what cannot be written now is written with the next one's
    async write(payments) {
      const step = 'noting what was paid';
      await writeJson(files, file, payments).catch((error: unknown) => {
        const failure = knownFailure(error, step);
        if (failure === undefined) throw error;
        reportRetry({ report }, step, failure);
      });
    },
  };
}
