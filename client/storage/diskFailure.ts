/** What a file system says, as one of our errors. */
import { TributaryError } from '../core/errors.ts';

const full = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** Somebody must change something; all else may pass by itself, or when a disk is back. */
const lasting = ['EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EINVAL'];

/** The name by which the file system calls what is wrong; undefined for what is no failure of it. */
export function diskFailureCode(cause: unknown): string | undefined {
  const { code, syscall } = (cause ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) && typeof syscall === 'string' ? code : undefined;
}

/** DISK_FULL (retryable) or FOLDER_NOT_WRITABLE (retryable where waiting may mend it); what is no failure of a disk stays as it is. */
export function explainWriteFailure(cause: unknown, folder: string): unknown {
  const code = diskFailureCode(cause);
  if (code === undefined) return cause;
  if (full.includes(code)) {
    const message = `There is no room left to write in ${folder} (${code}): free some space or unpin blobs; what was there is whole.`;
    return new TributaryError('DISK_FULL', message, { cause, retryable: true, args: { folder } });
  }
  const retryable = !lasting.includes(code);
  const { path } = cause as { path?: unknown };
  const at = typeof path === 'string' && ['EISDIR', 'EEXIST', 'ENOTDIR'].includes(code) ? ` at ${path}` : '';
  const advice = retryable
    ? 'look after its disk; what was there is whole'
    : 'choose another or change its permissions';
  const message = `The folder ${folder} cannot be written${at} (${code}): ${advice}.`;
  return new TributaryError('FOLDER_NOT_WRITABLE', message, { cause, retryable, args: { folder } });
}

/** The path of what is in the way: a file where a folder is to be, or a folder in the place of a file. */
export function obstacleOf(cause: unknown): string | undefined {
  const { path, dest } = cause as { path?: string; dest?: string };
  return ['EISDIR', 'EEXIST'].includes(diskFailureCode(cause) ?? '') ? (dest ?? path) : undefined;
}

/** FILE_UNREADABLE (retryable); what is no failure of a disk stays as it is. */
export function explainReadFailure(cause: unknown, path: string): unknown {
  const code = diskFailureCode(cause);
  if (code === undefined) return cause;
  const message = `The file ${path} cannot be read (${code}): let who runs this process read it, or look after its disk.`;
  return new TributaryError('FILE_UNREADABLE', message, { cause, retryable: true, args: { path } });
}
