/** The deployment file, read from disk. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Deployment, deploymentSchema } from '../chain/deployment.ts';
import { TributaryError } from '../core/errors.ts';
import { parseWith } from '../core/task.ts';

/** A deployment file that was read from disk. */
export interface LoadedDeployment extends Deployment {
  /** Absolute paths. */
  blobs: string[];
}

/** Errors: CONFIG_INVALID. */
export function readDeployment(path: string): LoadedDeployment {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `deployment: ${path} cannot be read as JSON: deploy first (\`npx tributary deploy\`), or name another file with --deployment.`,
      { cause, args: { field: 'deployment', path } },
    );
  }
  const deployment = parseWith(deploymentSchema, json, 'deployment');
  return { ...deployment, blobs: deployment.blobs.map((blob) => resolve(dirname(path), blob)) };
}
