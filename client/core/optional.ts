/** Parts that not everybody needs are packages of their own: installed by who needs them. */
import { TributaryError } from './errors.ts';

/** Answers what `load` does. Errors: PACKAGE_MISSING, saying what to install for `purpose`; others of the load itself. */
export async function importOptional<T>(
  purpose: string,
  packages: readonly string[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    throw new TributaryError(
      'PACKAGE_MISSING',
      `Tributary needs another package for ${purpose}: run \`npm install ${packages.join(' ')}\`.`,
      { cause, args: { packages } },
    );
  }
}
