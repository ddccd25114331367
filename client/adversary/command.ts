import { Command, Option } from 'commander';
import { runAggregator } from '../aggregator/aggregator.ts';
import { addNodeOptions, integer } from '../node/options.ts';
import { runRole } from '../node/process.ts';
import type { Participant } from '../participant/participant.ts';
import { type TrainingOptions, trainOn } from '../trainer/command.ts';
import { runAdversary } from './adversary.ts';
import { type AdversaryOptions, attackNames, attackRoles } from './attack.ts';

export function createAdversaryCommand(): Command {
  const command = new Command('adversary').description('takes part and cheats in one round, to show that it is caught');
  return addNodeOptions(command)
    .addOption(new Option('--attack <fault>', 'what it does').choices(attackNames).makeOptionMandatory())
    .requiredOption('--attack-round <round>', 'the first round in which it does it', integer)
    .option('--source <data>', 'of an adversary that trains: its data')
    .addOption(new Option('--engine <engine>', 'what trains').choices(['onnx', 'tfjs']).default('onnx'))
    .action(async (options: AdversaryOptions & TrainingOptions) => {
      const roles = { trainer: (node: Participant) => trainOn(node, options), aggregator: runAggregator };
      await runRole(attackRoles[options.attack], options, (node) => runAdversary(node, options, roles));
    });
}
