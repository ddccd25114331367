import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { FederationClient } from '../chain/federation.ts';
import { proposedRounds } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { toHex } from '../core/hash.ts';
import { decodeManifest, maxManifestBytes } from '../core/task.ts';
import { compileTask } from '../node/engine.ts';
import { modelOfRound } from '../node/models.ts';
import { fetchByDigest } from '../storage/digest.ts';
import { action, print, printJson } from './action.ts';
import { exportModel } from './exportModel.ts';
import { addReaderOptions, type ReaderOptions, withFederation } from './reader.ts';
import { createModelReader } from './run/modelReader.ts';

interface FetchModelOptions extends ReaderOptions {
  round?: string;
  output: string;
}

const fetchTimeoutMs = 60_000;

export function createFetchModelCommand(): Command {
  const command = new Command('fetch-model').description(
    'fetches a model from the nodes, verifies it against the chain, writes ONNX, safetensors and a checkpoint',
  );
  return addReaderOptions(command)
    .option('--round <round>', 'which round\'s model, 0 for the first, or "newest" (default: the newest final)')
    .option('--output <folder>', 'where to write it', 'model')
    .action(action(fetchModel));
}

async function fetchModel(options: FetchModelOptions): Promise<void> {
  await withFederation(options, async (federation, { chainId }) => {
    const round = chooseRound(federation, options.round);
    const signal = AbortSignal.timeout(fetchTimeoutMs);
    const task = await federation.readTask();
    const reader = createModelReader(federation, task, signal, join(tmpdir(), `tributary-${process.pid}`));
    try {
      const store = await reader.store();
      const { bytes } = await fetchByDigest(store, task.manifestCid, { maxBytes: maxManifestBytes, signal });
      const manifest = decodeManifest(bytes);
      const fixedPoint = await reader.read(round);
      const { root, cid } = modelOfRound(federation, task, round);
      const [modelRoot, modelCid] = [toHex(root), cid.toString()];
      const model = await compileTask(manifest, store, 'onnx', signal);
      const origin = { round, modelRoot, modelCid, chainId, federation: federation.addresses.federation };
      const files = await exportModel(options.output, model, manifest, origin, fixedPoint);
      await model.dispose();
      const final = federation.state.rounds.get(round)?.final ?? round === 0;
      if (options.json) printJson({ ...origin, final, ...files });
      else {
        print(
          `The model of round ${round}${final ? '' : ' (not final yet)'} has the root that the chain names: ${modelRoot}`,
        );
        for (const file of Object.values(files)) print(`  ${file}`);
      }
    } finally {
      await reader.close();
    }
  });
}

/** Errors: CONFIG_INVALID. */
function chooseRound({ state }: FederationClient, wanted: string | undefined): number {
  const proposed = proposedRounds(state);
  if (wanted === undefined) return state.finalRound;
  if (wanted === 'newest') return proposed.at(-1)?.number ?? 0;
  const round = Number(wanted);
  if (wanted === '0' || proposed.some(({ number }) => number === round)) return round;
  const known = proposed.map(({ number }) => number).join(', ') || 'none yet';
  throw new TributaryError(
    'CONFIG_INVALID',
    `--round: "${wanted}" is not a round with a model: 0, newest, or one of ${known}.`,
    { args: { field: '--round' } },
  );
}
