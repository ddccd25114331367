/** The task that a person means: of a deployment, a configuration, or a file. */
import { fetchManifestOf } from '../actions/fetchManifest.ts';
import { rpcUrlOf } from '../chain/deployment.ts';
import { dataDescriptionSchema, labelCountOf, shapeOfData } from '../core/data/description.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { parseJsonText } from '../core/jsonText.ts';
import { parseWith, taskManifestSchema } from '../core/task.ts';
import { parseFederationConfig, readFederationConfig, withoutComments } from '../deployment/config.ts';
import { findManifests } from '../node/importBlobs.ts';
import { openBitswap } from '../node/openBitswap.ts';
import { readerReach } from '../node/peerReach.ts';
import { readDeployment } from '../node/readDeployment.ts';
import { readTextFile } from '../node/readJsonFile.ts';
import type { TaskOfData } from '../training/data/source.ts';
import { withRewards } from './reader.ts';

/** Where the task is: one of these. */
export interface TaskLocation {
  deployment?: string;
  config?: string;
  manifest?: string;
  rpc?: string | readonly string[];
}

const fetchTimeoutMs = 60_000;

/** Errors: USAGE unless one is named; CONFIG_INVALID, and those of the chain where the manifest does not lie beside the deployment. */
export async function readTaskOfData({ deployment, config, manifest, rpc }: TaskLocation): Promise<TaskOfData> {
  if ([deployment, config, manifest].filter((one) => one !== undefined).length !== 1) {
    throw new TributaryError('USAGE', 'Name the task: one of --deployment, --config and --manifest.');
  }
  if (config !== undefined) return await readFederationConfig(config);
  if (manifest !== undefined) return readManifestFile(manifest);
  return await ofDeployment(deployment!, rpc);
}

/** A manifest, a configuration's `data`, or a configuration. */
function readManifestFile(path: string): TaskOfData {
  const file = { name: 'manifest', path, remedy: 'name a task manifest, or what `tributary data describe` writes' };
  const json = parseJsonText(withoutComments(readTextFile(file)), file) as { format?: unknown; kind?: unknown };
  if (json?.format !== undefined) return parseWith(taskManifestSchema, json, path);
  if (json?.kind === undefined) return parseFederationConfig(json, path);
  const data = parseWith(dataDescriptionSchema, json, path);
  return { model: { inputShape: shapeOfData(data), classes: labelCountOf(data) }, data };
}

/** The one in force. Where the chain cannot be asked, the one that lies beside the deployment. */
async function ofDeployment(path: string, rpc: TaskLocation['rpc']): Promise<TaskOfData> {
  const beside = await findManifests(readDeployment(path).blobs);
  const options = { deployment: path, ...(rpc !== undefined && { rpc }) };
  try {
    return await withRewards(options, async (followed, deployment) => {
      const digest = toHex(await followed.federation.readManifestCid());
      const found = beside.find((one) => one.digest === digest);
      if (found !== undefined) return found.manifest;
      const reach = await readerReach(rpcUrlOf(deployment, rpc)[0]!, undefined);
      return await fetchManifestOf(followed, { signal: AbortSignal.timeout(fetchTimeoutMs), openBitswap, reach });
    });
  } catch (error) {
    const [manifest] = beside.map((one) => one.manifest);
    const isUnreachable = error instanceof TributaryError && error.code === 'CHAIN_UNREACHABLE';
    if (!isUnreachable || manifest === undefined) throw error;
    return manifest;
  }
}
