/** What lies in a folder of pictures: one folder for each class, `cat/1.png`, `dog/holiday/2.jpg` … */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TributaryError } from '../../core/errors.ts';
import type { Skips } from './report.ts';

export interface ImageFile {
  path: string;
  /** Name of the class folder, in Unicode's composed form (NFC). */
  className: string;
}

/** What operating systems and archives leave behind; hidden entries too. */
const leftBehind = new Set(
  ['__MACOSX', 'Thumbs.db', 'ehthumbs.db', 'desktop.ini', '@eaDir', 'lost+found', 'System Volume Information'].map(
    (name) => name.toLowerCase(),
  ),
);

/** Composed and decomposed letters (é as one sign or two, as macOS writes it) are the same name. */
export const composed = (name: string): string => name.normalize('NFC');

/** All class folders by name, and all files in them by path. Errors: DATA_INVALID. */
export async function listImageFolder(
  folder: string,
  skips: Skips,
): Promise<{ classes: string[]; files: ImageFile[] }> {
  const classes = new Set<string>();
  const files: ImageFile[] = [];
  const beside: string[] = [];
  for (const { name, path, isFolder } of await list(folder)) {
    if (isFolder) {
      classes.add(composed(name));
      for (const file of await listDeep(path, skips)) files.push({ path: file, className: composed(name) });
    } else beside.push(name);
  }
  if (beside.length > 0) {
    const first = beside.slice(0, 3).join(', ');
    skips.remark(
      `What lies beside the class folders has no class and is not read: ${beside.length} files, first ${first}.`,
    );
  }
  return { classes: [...classes].sort(), files };
}

/** Files in the folder and the folders in it, but not behind links to folders, which may lead in a circle. */
export async function listDeep(folder: string, skips: Skips): Promise<string[]> {
  const files: string[] = [];
  for (const { path, isFolder, isLink } of await list(folder)) {
    if (!isFolder) files.push(path);
    else if (isLink) skips.skip('it is a link to a folder: put the folder itself there', path);
    else files.push(...(await listDeep(path, skips)));
  }
  return files;
}

async function list(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const shown = entries.filter(({ name }) => !name.startsWith('.') && !leftBehind.has(name.toLowerCase()));
    shown.sort((a, b) => (composed(a.name) < composed(b.name) ? -1 : 1));
    return await Promise.all(
      shown.map(async (entry) => {
        const path = join(folder, entry.name);
        const isLink = entry.isSymbolicLink();
        const isFolder = isLink ? await leadsToFolder(path) : entry.isDirectory();
        return { name: entry.name, path, isLink, isFolder };
      }),
    );
  } catch (cause) {
    throw new TributaryError('DATA_INVALID', `There is no readable folder ${folder}: check the path.`, { cause });
  }
}

/** A link that leads nowhere counts as a file: reading it says so. */
async function leadsToFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
}
