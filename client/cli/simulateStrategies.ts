import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { TributaryError } from '../core/errors.ts';
import { parseRule } from '../core/rules/parseRule.ts';
import { renderTable, terminalColumns } from '../localnet/fitTable.ts';
import { formatPercent } from '../localnet/format.ts';
import { compareStrategies, type StrategyResult } from '../simulator/compare.ts';
import { createPopulation, type PopulationOptions } from '../simulator/population.ts';
import { type Strategy, strategies } from '../simulator/strategies.ts';
import { parsePartition } from '../training/data/partitionNotation.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface SimulateOptions {
  rounds: number;
  trainedRounds: number;
  only?: string[];
  data: PopulationOptions['data'];
  rule: string;
  partition: string;
  reputationFloor: number;
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
    .option('--trained-rounds <number>', 'honest rounds before the first one, that pay nobody', parseCount, 0)
    .option('--only <strategy...>', 'of these strategies, and those that they are compared with')
    .option('--rule <rule>', 'mean, median or trimmedMean:<share>', 'mean')
    .option('--partition <partition>', 'how data are shared out: iid, dirichlet:<alpha>, …', 'iid')
    .addOption(
      new Option('--data <kind>', 'what trainers have in each round: new data, or the same')
        .choices(['arriving', 'standing'])
        .default('arriving'),
    )
    .option('--reputation-floor <share>', 'how much an update without reputation weighs; 1: as any', parseFloor, 1)
    .option('--seed <text>', 'names every stream of random numbers', 'strategies');
  return addJsonOption(command).action(action(simulateStrategies));
}

export function parseRounds(text: string): number {
  const rounds = parseCount(text);
  if (rounds < 1) throw new InvalidArgumentError('a whole number above 0.');
  return rounds;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0) throw new InvalidArgumentError('a whole number.');
  return count;
}

export function parseFloor(text: string): number {
  const floor = Number(text);
  if (!(floor >= 0.1 && floor <= 1)) throw new InvalidArgumentError('a share from 0.1 to 1.');
  return floor;
}

async function simulateStrategies({ rounds, rule, partition, data, only, json, ...rest }: SimulateOptions) {
  const { seed, trainedRounds, reputationFloor } = rest;
  const compared = only === undefined ? strategies : selectStrategies(only);
  const population = await createPopulation({ trainers, evaluators, partition: parsePartition(partition), data, seed });
  const options = {
    population,
    rounds,
    trainedRounds,
    rule: parseRule(rule),
    seed,
    reputationFloor,
    concurrency: availableParallelism(),
    onStrategy: (name: string) => process.stderr.write(`${name}: ${rounds} rounds\n`),
  };
  const results = await compareStrategies(options, compared);
  if (json) printJson({ strategies: results });
  else print(renderResults(results));
}

/** Errors: CONFIG_INVALID for a name that no strategy has. */
function selectStrategies(names: readonly string[]): Strategy[] {
  const unknown = names.find((name) => !strategies.some((strategy) => strategy.name === name));
  if (unknown !== undefined) {
    const known = strategies.map(({ name }) => name).join(', ');
    throw new TributaryError('CONFIG_INVALID', `only: "${unknown}" is none of: ${known}.`, { args: { field: 'only' } });
  }
  const references = strategies.filter(({ name }) => names.includes(name)).map(({ against }) => against);
  return strategies.filter(({ name }) => names.includes(name) || references.includes(name));
}

function renderResults(results: readonly StrategyResult[]): string {
  const head = ['strategy', 'profit', 'when honest', 'slashed', 'others slashed', 'accuracy'];
  const rows = results.map(({ name, profit, honestProfit, slashed, othersSlashed, accuracy }) => {
    const tokens = [profit, honestProfit, slashed, othersSlashed].map((amount) => amount.toFixed(1));
    return [name, ...tokens, formatPercent(accuracy)];
  });
  return `${renderTable({ head, rows, optional: ['others slashed'] }, terminalColumns())}\nIn tokens; each strategy beside the same seats when they are honest.`;
}
