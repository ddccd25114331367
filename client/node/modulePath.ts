import { fileURLToPath } from 'node:url';

/** The file of a module that a process or a worker is started with: `.ts` in a checkout, `.js` in the package. */
export function modulePath(from: string, name: string): string {
  const extension = from.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`${name}${extension}`, from));
}
