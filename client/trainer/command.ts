import { Command, Option } from 'commander';
import { compileTask, type EngineName } from '../node/engine.ts';
import { addNodeOptions } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import { loadData } from '../training/data/source.ts';
import { runTrainer } from './trainer.ts';

export function createTrainerCommand(): Command {
  const command = new Command('trainer').description('trains on private data, which never leaves this process');
  return addNodeOptions(command)
    .requiredOption('--source <data>', 'the private data, for example csv:patients.csv?label=outcome or mnist:1/5')
    .addOption(new Option('--engine <engine>', 'what trains').choices(['onnx', 'tfjs']).default('onnx'))
    .action(async (options: { source: string; engine: EngineName }) => {
      await runRole('trainer', options, async (node) => {
        const { inputShape, classes } = node.manifest.model;
        const data = await loadData(options.source, { inputShape, classes });
        const model = await compileTask(node.manifest, node.store, options.engine, node.signal);
        try {
          return await runTrainer(node, model, data);
        } finally {
          await model.dispose();
        }
      });
    });
}
