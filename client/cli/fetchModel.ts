import { Command } from 'commander';
import { fetchModel } from '../actions/fetchModel.ts';
import { readRoundMetrics } from '../actions/metrics.ts';
import { historyOf } from '../actions/modelCard/history.ts';
import { rpcUrlOf } from '../chain/deployment.ts';
import { compileTask, fetchModelFile } from '../node/engine.ts';
import { openBitswap } from '../node/openBitswap.ts';
import { readerReach } from '../node/peerReach.ts';
import { writeModel } from '../node/writeModel.ts';
import { action, print, printJson } from './action.ts';
import { addReaderOptions, type ReaderOptions, withRewards } from './reader.ts';

interface Options extends ReaderOptions {
  round?: string;
  output: string;
  allowPrivatePeers?: boolean;
}

const fetchTimeoutMs = 60_000;

export function createFetchModelCommand(): Command {
  const command = new Command('fetch-model').description(
    'fetches a model from the nodes, verifies it against the chain, writes ONNX that takes raw data, safetensors, a checkpoint and a model card',
  );
  return addReaderOptions(command)
    .option(
      '--round <round>',
      'which round\'s model, 0 for the first, "newest", or "best" by what evaluators have measured (default: the newest final)',
    )
    .option('--output <folder>', 'where to write it', 'model')
    .option(
      '--allow-private-peers',
      "ask nodes at private addresses too (default: of the kind that the chain's node has)",
    )
    .action(action(fetchAndExport));
}

async function fetchAndExport(options: Options): Promise<void> {
  const signal = AbortSignal.timeout(fetchTimeoutMs);
  await withRewards(options, async (followed, deployment) => {
    const reach = await readerReach(rpcUrlOf(deployment, options.rpc)[0]!, options.allowPrivatePeers);
    const { files, origin, final } = await fetchModel(
      followed,
      { round: options.round, signal, openBitswap, reach },
      async ({ final, manifest, model, ...origin }, store) => {
        const modelFile = await fetchModelFile(manifest, store, signal);
        const compiled = await compileTask(manifest, { get: async () => modelFile! }, 'onnx', signal);
        const { rounds } = await readRoundMetrics(followed, { signal, reach });
        const medians = new Map(rounds.map(({ round, metric: name, value }) => [round, { name, value }]));
        const history = historyOf(followed.federation.state, origin.round, medians);
        const files = writeModel(options.output, compiled, { ...origin, manifest, model, modelFile }, { history });
        await compiled.dispose();
        return { files, origin, final };
      },
    );
    if (options.json) printJson({ ...origin, final, ...files });
    else {
      const { round, modelRoot } = origin;
      print(
        `The model of round ${round}${final ? '' : ' (not final yet)'} has the root that the chain names: ${modelRoot}`,
      );
      for (const file of Object.values(files)) print(`  ${file}`);
    }
  });
}
