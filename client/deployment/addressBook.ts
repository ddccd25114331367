/** Where everything is, by chain: one file beside the deployments, `addresses.json`. */
import { dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { isSameAddress } from '../chain/address.ts';
import { type Deployment, deploymentSchema } from '../chain/deployment.ts';
import { findJsonFile } from '../node/readJsonFile.ts';
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

/** Of the folder in which the deployment is; empty where there is none. Errors: CONFIG_INVALID. */
export function readAddressBook(file: string): AddressBook {
  const path = join(dirname(file), 'addresses.json');
  const remedy = 'mend it, or move it away: it lists the deployments of the folder';
  return findJsonFile(addressBookSchema, { name: 'addresses', path, remedy }) ?? {};
}

/** Puts the deployment beside those that it shares its factory with. Errors: CONFIG_INVALID. */
export function recordDeployment(file: string, deployment: Deployment): void {
  const path = join(dirname(file), 'addresses.json');
  const book = readAddressBook(file);
  const { name, chainId, policy, rewards, federation, token, stake, challenges, libraries, governance } = deployment;
  const systems = book[chainId] ?? [];
  let system = systems.find((one) => isSameAddress(one.governance.factory, governance.factory));
  if (system === undefined) {
    system = { token, stake, challenges, libraries, governance, federations: {} };
    systems.push(system);
  }
  system.federations[name] = { policy, rewards, federation };
  book[chainId] = systems;
  writeWhole(path, `${JSON.stringify(book, null, 2)}\n`);
}
