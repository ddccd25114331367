/** The data folder of a process: what is damaged in it is said. */
import { join } from 'node:path';
import type { Report } from '../participant/events.ts';
import { insist } from '../participant/loop.ts';
import { openKeptFiles } from '../storage/durable.ts';
import type { Damage, KeptFiles } from '../storage/keptFiles.ts';
import { keptKindOf, ownerMeans } from './fileKinds.ts';
import { type LockedFolder, openFolder } from './folder.ts';

export interface DataFolder extends LockedFolder {
  /** See `Participant.files`. Errors: FOLDER_NOT_WRITABLE. */
  files(purpose: string): Promise<KeptFiles>;
}

/** `account` is whose the folder is; what may pass by itself is tried again. Errors: those of `openFolder` that are not retryable. */
export async function openDataFolder(
  name: string,
  account: string | undefined,
  trying: { report: Report; signal: AbortSignal },
): Promise<DataFolder> {
  const onDamaged = (means: string) => (damage: Damage) => trying.report({ event: 'damaged', ...damage, means });
  const open = async () => openFolder(name, { account, onDamaged: onDamaged(ownerMeans) });
  const folder = await insist(trying, 'opening the data folder', open);
  return {
    ...folder,
    files(purpose) {
      const { means, replaceable } = keptKindOf(purpose);
      const openFiles = () => openKeptFiles(join(folder.path, purpose), { onDamaged: onDamaged(means), replaceable });
      return insist(trying, `opening ${purpose}`, openFiles);
    },
  };
}
