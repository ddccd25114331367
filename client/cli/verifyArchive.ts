import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type ArchiveFlaw, type VerifiedRound, verifyArchive } from '../actions/verifyArchive.ts';
import { TributaryError } from '../core/errors.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { blobNames } from '../participant/describeEvent.ts';
import { openFolderStore } from '../storage/folderStore.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

interface Options extends ReaderOptions {
  data: string;
  rounds?: string;
}

export function createVerifyArchiveCommand(): Command {
  const command = new Command('verify').description(
    'recomputes final rounds from the folder of an archive, or a copy of it, and the chain alone',
  );
  return addReaderOptions(command)
    .requiredOption('--data <folder>', 'the folder of the archive; nothing is written there')
    .option('--rounds <range>', 'which final rounds, such as 7, 3-12, 3- or -12 (default: all)')
    .action(action(verify));
}

/** Errors: ARCHIVE_FLAWED where a round does not follow from the folder, or a file is missing or damaged; CONFIG_INVALID, CHAIN_UNREACHABLE. */
async function verify(options: Options): Promise<void> {
  const range = readRange(options.rounds);
  const folder = join(options.data, 'blobs');
  if (!existsSync(join(folder, 'blocks'))) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `--data: ${options.data} holds no blobs: name the folder of an archive that keeps them itself (--store embedded).`,
      { args: { field: '--data' } },
    );
  }
  await withRewards(options, async (followed, { deployBlock }) => {
    const { signal } = new AbortController();
    const rounds: VerifiedRound[] = [];
    for await (const round of verifyArchive(followed, openFolderStore(folder), { ...range, deployBlock, signal })) {
      rounds.push(round);
    }
    const flawed = rounds.filter((round) => round.flaws.length > 0 || round.wrong !== undefined);
    if (options.json) printJson({ rounds, flawed: flawed.map(({ round }) => round) });
    else print(render(rounds));
    if (flawed.length === 0) return;
    throw new TributaryError(
      'ARCHIVE_FLAWED',
      `${flawed.length} of ${rounds.length} rounds are not borne out by ${options.data}: ${flawed.map(({ round }) => round).join(', ')}.`,
      { args: { rounds: flawed.map(({ round }) => round) } },
    );
  });
}

/** Errors: CONFIG_INVALID. */
function readRange(text: string | undefined): { from: number; to: number } {
  if (text === undefined) return { from: 1, to: Number.POSITIVE_INFINITY };
  const found = /^(\d{1,10})?(-)?(\d{1,10})?$/.exec(text);
  const [, first, dash, last] = found ?? [];
  const from = Number(first ?? 1);
  const to = dash === undefined ? from : Number(last ?? Number.POSITIVE_INFINITY);
  if ((first ?? last) !== undefined && from <= to) return { from, to };
  throw new TributaryError('CONFIG_INVALID', `--rounds: "${text}" is no range of rounds, such as 7, 3-12, 3- or -12.`, {
    args: { field: '--rounds' },
  });
}

function render(rounds: readonly VerifiedRound[]): string {
  const rows = rounds.map(({ round, proposer, inputs, blobs, flaws, wrong }) => {
    const files = flaws.length === 0 ? 'whole' : `${flaws.length} flawed`;
    return [round, proposer, inputs, blobs, files, wrong === undefined ? 'right' : 'NOT right'];
  });
  const head = ['round', 'proposed by', 'updates', 'blobs', 'files', 'recomputed'];
  const aligns = ['right', 'left', 'right', 'right', 'left', 'left'] as const;
  const table = renderTable({ head, rows, aligns, optional: ['proposed by'] }, terminalColumns());
  const said = rounds.flatMap(({ round, flaws, wrong }) => [
    ...(wrong === undefined ? [] : [`round ${round}: ${wrong}`]),
    ...flaws.map((flaw) => `round ${round}: ${describeFlaw(flaw)}`),
  ]);
  return [table, ...said].join('\n');
}

function describeFlaw({ what, trainer, cid, file, problem, holds }: ArchiveFlaw): string {
  const of = trainer === undefined ? '' : ` of ${trainer}`;
  const instead = holds === undefined ? '' : `: it holds the bytes of ${holds}`;
  return `the ${blobNames[what]}${of}, ${cid}: the file ${file} is ${problem}${instead}`;
}
