import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where Node.js keeps compiled code, so that the next process starts a quarter faster: the user's cache folder.
 * Nothing is lost with it.
 */
export function compileCacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME ?? (homedir() ? join(homedir(), '.cache') : tmpdir());
  return join(base, 'tributary', 'compiled');
}
