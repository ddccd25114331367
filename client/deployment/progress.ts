/**
 * How far a deployment has come: a file beside the deployment's, written whole before anything is sent and after every step, so that
 * whoever was interrupted goes on where it ended. It holds no key.
 */
import { rmSync } from 'node:fs';
import { z } from 'zod/v4';
import { addressSchema } from '../chain/address.ts';
import { TributaryError } from '../core/errors.ts';
import { findJsonFile } from '../node/readJsonFile.ts';
import { writeWhole } from '../storage/wholeFile.ts';

const hash = z.string().regex(/^0x[0-9a-f]{64}$/, 'a hash: 0x and 64 hex digits');
const progressSchema = z.strictObject({
  format: z.literal('tributary-deploying/1'),
  chainId: z.int().min(1),
  deployer: addressSchema,
  /** Of all that is deployed: what goes on is the same. */
  plan: hash,
  /** The steps' transactions have the nonces from here on. */
  firstNonce: z.int().min(0),
  /** The newest block when it began. */
  deployBlock: z.int().min(0),
  /** How many steps there are, and how many are done. */
  of: z.int().min(1),
  done: z.int().min(0),
  /** The hashes of the transactions that were signed for each step: one at most is mined. */
  signed: z.array(z.array(hash)),
});

export type Progress = z.infer<typeof progressSchema>;

/** Of the deployment that is to be written to `file`. */
export function progressFile(file: string): string {
  return `${file.replace(/\.json$/, '')}.begun.json`;
}

/** Undefined where none was begun. Errors: CONFIG_INVALID. */
export function readProgress(file: string): Progress | undefined {
  const path = progressFile(file);
  return findJsonFile(progressSchema, { name: 'progress', path, remedy: `remove ${path} to deploy anew` });
}

/** Errors: FOLDER_NOT_WRITABLE, DISK_FULL. */
export function writeProgress(file: string, progress: Progress): void {
  writeWhole(progressFile(file), `${JSON.stringify(progress)}\n`);
}

export function forgetProgress(file: string): void {
  rmSync(progressFile(file), { force: true });
}

/** What may go on is the same deployment, of the same account, on the same chain. Errors: CONFIG_INVALID. */
export function requireSame(file: string, found: Progress, wanted: Pick<Progress, 'chainId' | 'deployer'>): void {
  const differences = [
    found.chainId !== wanted.chainId && `on chain ${found.chainId}, not ${wanted.chainId}`,
    found.deployer !== wanted.deployer && `by ${found.deployer}, not ${wanted.deployer}`,
  ].filter((difference) => difference !== false);
  if (differences.length > 0) throw cannotGoOn(file, `It was begun ${differences.join(' and ')}`);
}

/** What was deployed so far is of no use. */
export function cannotGoOn(file: string, reason: string): TributaryError {
  return new TributaryError(
    'CONFIG_INVALID',
    `deployment: what was begun of ${file} cannot go on. ${reason}: go on as it was begun, or remove ${progressFile(file)} to deploy anew.`,
    { args: { field: 'deployment' } },
  );
}

/** Whoever deploys must choose. */
export function wasBegun(file: string, { done, of, deployer, chainId }: Progress): TributaryError {
  return new TributaryError(
    'CONFIG_INVALID',
    `deployment: ${file} was begun by ${deployer} on chain ${chainId} and is not done (${done} of ${of} steps): go on with --resume (a script: TRIBUTARY_RESUME=1), or remove ${progressFile(file)} to deploy anew.`,
    { args: { field: 'deployment' } },
  );
}
