import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseRule } from '../core/rules/parseRule.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { formatPercent } from '../localnet/format.ts';
import { type AttackResult, attacks, measureAttacks } from '../simulator/attacks.ts';
import { createPopulation } from '../simulator/population.ts';
import { parsePartition } from '../training/data/partitionNotation.ts';
import { action, addJsonOption, print, printJson } from './action.ts';
import { parseFloor, parseRounds } from './simulateStrategies.ts';

interface SimulateOptions {
  rounds: number;
  rules: string[];
  partition: string;
  attackers: number;
  reputationFloor: number;
  clip: number;
  only?: string[];
  seed: string;
  json?: boolean;
}

const trainers = 10;
const evaluators = 5;

export function createSimulateAttacksCommand(): Command {
  const command = new Command('simulate-attacks')
    .description(
      'how good the model becomes when trainers attack it, rule by rule, with real training, in this process',
    )
    .option('--rounds <number>', 'rounds of each run', parseRounds, 200)
    .option('--rules <rule...>', 'mean, median or trimmedMean:<share>', ['mean', 'median', 'trimmedMean:0.3'])
    .option('--partition <partition>', 'how data are shared out: iid, dirichlet:<alpha>, …', 'iid')
    .option('--attackers <share>', `share of the ${trainers} trainers that attack`, parseShare, 0.3)
    .option('--reputation-floor <share>', 'how much an update without reputation weighs; 1: as any', parseFloor, 1)
    .option('--clip <norms>', 'clip bound, in median norms of honest updates of the first model', parseNorms, 1)
    .addOption(new Option('--only <attack...>', 'of these attacks').choices(attacks.map(({ name }) => name)))
    .option('--seed <text>', 'names every stream of random numbers', 'strategies');
  return addJsonOption(command).action(action(simulateAttacks));
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share < 1)) throw new InvalidArgumentError('a share of at least 0 and below 1.');
  return share;
}

function parseNorms(text: string): number {
  const norms = Number(text);
  if (!(norms > 0 && Number.isFinite(norms))) throw new InvalidArgumentError('a number above 0.');
  return norms;
}

async function simulateAttacks({ rules, partition, attackers, reputationFloor, json, ...rest }: SimulateOptions) {
  const { rounds, clip, only, seed } = rest;
  const named = new Map(rules.map((rule) => [rule, parseRule(rule)]));
  const population = await createPopulation({
    trainers,
    evaluators: reputationFloor < 1 ? evaluators : 0,
    partition: parsePartition(partition),
    data: 'arriving',
    seed,
  });
  const results = await measureAttacks(named, {
    population,
    rounds,
    attackers: Math.round(attackers * trainers),
    reputationFloorBasisPoints: Math.round(reputationFloor * 10_000),
    clipNorms: clip,
    ...(only && { only }),
    seed,
    concurrency: availableParallelism(),
  });
  if (json) printJson({ accuracies: results });
  else print(renderAccuracies(results, rules));
}

function renderAccuracies(results: readonly AttackResult[], rules: readonly string[]): string {
  const names = [...new Set(results.map(({ attack }) => attack))];
  const rows = names.map((name) => {
    const ofRule = (rule: string) => results.find((result) => result.rule === rule && result.attack === name)!;
    return [name, ...rules.map((rule) => formatPercent(ofRule(rule).accuracy))];
  });
  return `${renderTable({ head: ['attack', ...rules], rows }, terminalColumns())}\nAccuracy of the last model.`;
}
