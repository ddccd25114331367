import { connectFederation } from '../actions/connect.ts';
import { TributaryError } from '../core/errors.ts';
import { formatBytes } from '../localnet/format.ts';
import { compareWithChainInPlace } from '../node/doctor/chain.ts';
import { examineFolder, type FolderExamination } from '../node/doctor/folder.ts';
import { type Repaired, repairFolder } from '../node/doctor/repair.ts';
import { readDeployment } from '../node/readDeployment.ts';
import { print, printJson } from './action.ts';
import type { ReaderOptions } from './reader.ts';

export interface FolderDoctorOptions extends ReaderOptions {
  data: string;
  repair?: boolean;
  /** Whether the folder is compared with the chain of the deployment. */
  compares: boolean;
}

/** Errors: FOLDER_DAMAGED where all is not well, FOLDER_IN_USE (`repair`), and those of `examineFolder`, the deployment and the chain. */
export async function doctorFolder(options: FolderDoctorOptions): Promise<void> {
  let found = await examine(options);
  let repaired: Repaired[] = [];
  if (options.repair) {
    repaired = await repairFolder(found);
    found = await examine(options);
  }
  if (options.json) printJson({ ...found, repaired });
  else print(render(found, repaired));
  const [first] = found.problems;
  if (first === undefined) return;
  const advice = found.problems.some(({ remedy }) => remedy !== undefined)
    ? `${found.inUse ? 'Stop its process, and run' : 'Run'} this again with --repair.`
    : 'What is said of each is left to do.';
  const { length } = found.problems;
  const message = `${length} ${length === 1 ? 'thing is' : 'things are'} wrong in ${found.folder}; first, at ${first.file}: ${first.problem}. ${advice}`;
  throw new TributaryError('FOLDER_DAMAGED', message, { args: { problems: found.problems } });
}

async function examine(options: FolderDoctorOptions): Promise<FolderExamination> {
  const found = await examineFolder(options.data);
  if (!options.compares) return found;
  const { account } = found;
  if (account === undefined) {
    found.notes.push('whose folder it is stands nowhere in it, so it was not compared with the chain');
    return found;
  }
  const connection = await connectFederation(readDeployment(options.deployment), options.rpc);
  try {
    await compareWithChainInPlace(found, connection, account);
  } finally {
    connection.close();
  }
  return found;
}

function render(found: FolderExamination, repaired: readonly Repaired[]): string {
  const { folder, format, account, inUse, freeBytes, good, problems, notes } = found;
  const of = account === undefined ? '' : ` of ${account}`;
  const use = inUse ? ', in use: it was only looked at' : '';
  const counts = Object.entries(good).map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  return [
    `${folder}${of}, format ${format}${use}. ${formatBytes(freeBytes)} are free.`,
    ...repaired.map(
      ({ file, keptAs }) => `  ${keptAs === null ? `removed ${file}` : `set ${file} aside as ${keptAs}`}`,
    ),
    `  whole: ${counts.length === 0 ? 'nothing yet' : counts.join(', ')}`,
    ...notes.map((note) => `  note: ${note}`),
    ...problems.map(({ kind, file, problem, means }) => `  WRONG  ${kind} ${file}: ${problem}; ${means}`),
    problems.length === 0 ? 'All is well.' : `${problems.length} wrong.`,
  ].join('\n');
}
