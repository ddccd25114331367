/** The data of a trainer or an evaluator, read by the task that is in force. */
import type { Participant } from '../participant/participant.ts';
import { checkFits } from '../training/checks.ts';
import { readData } from '../training/data/source.ts';
import type { Dataset } from '../training/engine.ts';

/** Says what was left out of it. Errors: those of `readData`; MODEL_MISMATCH where its labels are not what the task's loss wants. */
export async function readOwnData(
  { manifest, report }: Pick<Participant, 'manifest' | 'report'>,
  source: string,
): Promise<Dataset> {
  const { dataset, report: found } = await readData(source, manifest);
  const skipped = found.skipped.map(({ reason, count, first }) => ({ reason, count, first: [...first] }));
  const { read, used, remarks } = found;
  checkFits(dataset, manifest.model, manifest.training.loss);
  report({ event: 'dataRead', samples: dataset.count, read, used, skipped, remarks: [...remarks] });
  return dataset;
}
