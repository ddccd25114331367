/**
 * Differential privacy of the records that a trainer trains on: what each round costs of the budget is in the ledger, on disk, before the
 * round is trained.
 */
import { parseWith, type RecordBudget, recordPrivacySchema, type TaskManifest } from '../core/task.ts';
import type { Participant } from '../participant/participant.ts';
import { calibrateNoise } from '../privacy/accounting/budget.ts';
import {
  checkBudget,
  checkKnows,
  damagedLedger,
  decodeLedger,
  encodeLedger,
  type Spending,
} from '../privacy/accounting/ledger.ts';
import type { KeptFiles } from '../storage/keptFiles.ts';
import type { RecordPrivacy } from '../training/engine.ts';
import { poissonSteps } from '../training/schedule.ts';

/** `epsilon=8,delta=1e-5,rounds=100,clipNorm=1`: δ is 1e-5 and the norm 1 where they are not said. Errors: CONFIG_INVALID. */
export function parseRecordPrivacy(text: string, rounds?: number): RecordBudget {
  const fields = text.split(',').map((part): [string, number] => {
    const [name = '', value = ''] = part.split('=');
    return [name.trim(), value.trim() === '' ? Number.NaN : Number(value)];
  });
  const given = { delta: 1e-5, ...(rounds === undefined ? {} : { rounds }), ...Object.fromEntries(fields) };
  return parseWith(recordPrivacySchema, given, '--record-dp');
}

/** What a trainer asks before each round. */
export interface RecordPrivacyKeeper {
  /**
   * Writes the round down and answers with its clipping and noise; undefined where neither the task nor the trainer wants any.
   * Errors: PRIVACY_BUDGET_SPENT, PRIVACY_LEDGER_BEHIND, ARGUMENT_INVALID where no noise keeps the budget, those of the files.
   */
  spend(round: number, manifest: TaskManifest, samples: number): Promise<RecordPrivacy | undefined>;
}

const ledgerFile = 'ledger.json';

/** `own`: what the trainer promises by itself. */
export function openRecordPrivacy(node: Participant, own: RecordBudget | undefined): RecordPrivacyKeeper {
  const { addresses, account, federation, report } = node;
  const name = `${addresses.chainId}/${addresses.federation}`;

  return {
    async spend(round, { training }, samples) {
      const budget = stricter(own, training.recordPrivacy);
      if (budget === undefined) return undefined;
      const files = await node.files('privacy');
      const spendings = await readLedger(files);
      const submitted = [...federation.state.rounds.values()].filter(({ submissions }) => submissions.has(account));
      checkKnows(
        spendings,
        name,
        submitted.map(({ number }) => number),
      );
      const { samplingRate, times } = poissonSteps(samples, training);
      const noiseMultiplier = noiseOf(budget, spendings, samplingRate, times);
      const next: Spending = { federation: name, round, noiseMultiplier, samplingRate, times };
      const epsilon = checkBudget(spendings, next, budget);
      await files.write(ledgerFile, encodeLedger([...spendings, next]));
      report({
        event: 'privacySpent',
        round,
        epsilon,
        budget: budget.epsilon,
        delta: budget.delta,
        noiseMultiplier,
      });
      return { clipNorm: budget.clipNorm, noiseMultiplier };
    },
  };
}

/** Errors: PRIVACY_LEDGER_BEHIND where one was there and is damaged. */
export async function readLedger(files: KeptFiles): Promise<Spending[]> {
  const bytes = await files.read(ledgerFile);
  if (bytes !== undefined) return decodeLedger(bytes);
  if (!(await files.wasSetAside(ledgerFile))) return [];
  throw damagedLedger('The ledger of privacy');
}

/** The smaller ε over the more rounds. */
function stricter(own: RecordBudget | undefined, task: RecordBudget | undefined): RecordBudget | undefined {
  if (own === undefined || task === undefined) return own ?? task;
  return {
    epsilon: Math.min(own.epsilon, task.epsilon),
    delta: Math.min(own.delta, task.delta),
    rounds: Math.max(own.rounds, task.rounds),
    clipNorm: task.clipNorm,
  };
}

/** That of the rounds before, as long as the data and the plan are what they were; else what the rounds that are left may use. */
function noiseOf(budget: RecordBudget, spendings: readonly Spending[], samplingRate: number, times: number): number {
  const last = spendings.at(-1);
  if (last !== undefined && last.samplingRate === samplingRate && last.times === times) return last.noiseMultiplier;
  const roundsLeft = Math.max(1, budget.rounds - spendings.length);
  return calibrateNoise(budget, samplingRate, times * roundsLeft, spendings);
}
