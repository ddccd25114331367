import { availableParallelism } from 'node:os';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { parseRule } from '../core/rules/parseRule.ts';
import { compareStrategies, type StrategyResult } from '../simulator/compare.ts';
import { createPopulation } from '../simulator/population.ts';
import { parsePartition } from '../training/data/partitionNotation.ts';
import { action, addJsonOption, print, printJson } from './action.ts';
import { formatPercent } from './run/format.ts';

interface SimulateOptions {
  rounds: number;
  rule: string;
  partition: string;
  seed: string;
  json?: boolean;
}

const trainers = 10;
const evaluators = 5;

export function createSimulateStrategiesCommand(): Command {
  const command = new Command('simulate-strategies')
    .description(
      'what each way to cheat earns beside honesty, with the real contracts and real training, in this process',
    )
    .option('--rounds <number>', 'rounds of each run', parseRounds, 200)
    .option('--rule <rule>', 'mean, median or trimmedMean:<share>', 'mean')
    .option('--partition <partition>', 'how data are shared out: iid, dirichlet:<alpha>, …', 'iid')
    .option('--seed <text>', 'names every stream of random numbers', 'strategies');
  return addJsonOption(command).action(action(simulateStrategies));
}

function parseRounds(text: string): number {
  const rounds = Number(text);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new InvalidArgumentError('a whole number above 0.');
  return rounds;
}

async function simulateStrategies({ rounds, rule, partition, seed, json }: SimulateOptions): Promise<void> {
  const population = await createPopulation({ trainers, evaluators, partition: parsePartition(partition), seed });
  const results = await compareStrategies({
    population,
    rounds,
    rule: parseRule(rule),
    seed,
    concurrency: availableParallelism(),
    onStrategy: (name) => process.stderr.write(`${name}: ${rounds} rounds\n`),
  });
  if (json) printJson({ strategies: results });
  else print(renderResults(results));
}

function renderResults(results: readonly StrategyResult[]): string {
  const table = new Table({
    head: ['strategy', 'profit', 'when honest', 'slashed', 'others slashed', 'accuracy'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, profit, honestProfit, slashed, othersSlashed, accuracy } of results) {
    const tokens = [profit, honestProfit, slashed, othersSlashed].map((amount) => amount.toFixed(1));
    table.push([name, ...tokens, formatPercent(accuracy)]);
  }
  return `${table.toString()}\nIn tokens; each strategy beside the same seats when they are honest.`;
}
