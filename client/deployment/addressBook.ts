/** Where everything is, by chain: one file beside the deployments, `addresses.json`. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { type Deployment, deploymentSchema } from '../chain/deployment.ts';
import { TributaryError } from '../core/errors.ts';
import { parseWith } from '../core/task.ts';
import { writeWhole } from '../storage/wholeFile.ts';

const { token, stake, challenges, libraries, governance, policy, rewards, federation } = deploymentSchema.shape;

const addressBookSchema = z.record(
  z.string().regex(/^\d+$/, 'a chain id'),
  z.array(
    z.strictObject({
      token,
      stake,
      challenges,
      libraries,
      governance,
      /** By name. */
      federations: z.record(z.string(), z.strictObject({ policy, rewards, federation })),
    }),
  ),
);

export type AddressBook = z.infer<typeof addressBookSchema>;

/** Puts the deployment beside those that it shares its factory with. Errors: CONFIG_INVALID. */
export function recordDeployment(file: string, deployment: Deployment): void {
  const path = join(dirname(file), 'addresses.json');
  const book: AddressBook = existsSync(path) ? parseWith(addressBookSchema, readBook(path), path) : {};
  const { name, chainId, policy, rewards, federation, token, stake, challenges, libraries, governance } = deployment;
  const systems = book[chainId] ?? [];
  let system = systems.find((one) => one.governance.factory === governance.factory);
  if (system === undefined) {
    system = { token, stake, challenges, libraries, governance, federations: {} };
    systems.push(system);
  }
  system.federations[name] = { policy, rewards, federation };
  book[chainId] = systems;
  writeWhole(path, `${JSON.stringify(book, null, 2)}\n`);
}

function readBook(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const message = `${path} cannot be read as JSON: move it elsewhere, or put it back from a backup; the deployment itself is in its own file.`;
    throw new TributaryError('CONFIG_INVALID', message, { cause, args: { path } });
  }
}
