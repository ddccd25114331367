/** The data of a trainer or an evaluator, read by the task that is in force. */
import type { Participant } from '../participant/participant.ts';
import { readData } from '../training/data/source.ts';
import type { Dataset } from '../training/engine.ts';

/** Says what was left out of it. Errors: those of `readData`. */
export async function readOwnData(
  { manifest, report }: Pick<Participant, 'manifest' | 'report'>,
  source: string,
): Promise<Dataset> {
  const { dataset, report: found } = await readData(source, manifest);
  const skipped = found.skipped.map(({ reason, count, first }) => ({ reason, count, first: [...first] }));
  const { read, used, remarks } = found;
  report({ event: 'dataRead', samples: dataset.count, read, used, skipped, remarks: [...remarks] });
  return dataset;
}
