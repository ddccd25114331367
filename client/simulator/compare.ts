/** Every strategy beside the honest one: what its seats gain, and what the same seats gain when they are honest. */
import pLimit from 'p-limit';
import { invariant } from '../core/errors.ts';
import { isDeviating } from './members.ts';
import { type SimulationOptions, type SimulationResult, simulate } from './simulate.ts';
import { honest, type Strategy, strategies } from './strategies.ts';

export interface StrategyResult {
  name: string;
  /** Tokens earned minus tokens slashed, of all who follow the strategy; of the honest run of everybody. */
  profit: number;
  /** The same of the same seats in the run that it is compared with. */
  honestProfit: number;
  /** Tokens slashed of who follow the strategy, and of all others. */
  slashed: number;
  othersSlashed: number;
  /** Of the last model, on data that nobody has trained on. */
  accuracy: number;
}

export interface ComparisonOptions extends SimulationOptions {
  /** Runs at a time. */
  concurrency: number;
  onStrategy?: (name: string) => void;
}

/** Errors: those of `simulate`. */
export async function compareStrategies(
  { concurrency, onStrategy, ...options }: ComparisonOptions,
  compared: readonly Strategy[] = strategies,
): Promise<StrategyResult[]> {
  const all = [honest, ...compared];
  const limit = pLimit(concurrency);
  const results = await Promise.all(
    all.map((strategy) =>
      limit(async () => {
        const result = await simulate(strategy, options);
        onStrategy?.(strategy.name);
        return [strategy.name, result] as const;
      }),
    ),
  );
  const runs = new Map(results);
  return all.map((strategy) => {
    const reference = runs.get(strategy.against ?? honest.name);
    invariant(reference !== undefined, `"${strategy.name}" is compared with a run that is not there`);
    return compareWith(strategy, runs.get(strategy.name)!, reference);
  });
}

function compareWith(strategy: Strategy, run: SimulationResult, reference: SimulationResult): StrategyResult {
  // in the honest run all are honest: the profit of everybody
  const counts = (member: SimulationResult['members'][number]) =>
    strategy === honest || isDeviating(measuredSeats(strategy), member);
  const own = run.members.filter(counts);
  return {
    name: strategy.name,
    profit: sumOf(own, 'profit'),
    honestProfit: sumOf(reference.members.filter(counts), 'profit'),
    slashed: sumOf(own, 'slashed'),
    othersSlashed: sumOf(run.members, 'slashed') - sumOf(own, 'slashed'),
    accuracy: run.accuracy,
  };
}

/** A watchtower is compared where others cheat: their profit is not its own. */
function measuredSeats(strategy: Strategy): Strategy {
  return strategy.watchtowers === undefined ? strategy : { name: strategy.name, watchtowers: strategy.watchtowers };
}

function sumOf(members: SimulationResult['members'], field: 'profit' | 'slashed'): number {
  return members.reduce((sum, member) => sum + member[field], 0);
}
