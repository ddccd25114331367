/** The deployment file, read from disk. */
import { dirname, resolve } from 'node:path';
import { type Deployment, deploymentSchema } from '../chain/deployment.ts';
import { readJsonFile } from './readJsonFile.ts';

/** A deployment file that was read from disk. */
export interface LoadedDeployment extends Deployment {
  /** Absolute paths. */
  blobs: string[];
}

/** Errors: CONFIG_INVALID. */
export function readDeployment(path: string): LoadedDeployment {
  const remedy = 'deploy first (`npx tributary deploy`), or name another file with --deployment';
  const deployment = readJsonFile(deploymentSchema, { name: 'deployment', path, remedy });
  return { ...deployment, blobs: deployment.blobs.map((blob) => resolve(dirname(path), blob)) };
}
