/** Everybody who takes part in a run, and who of them deviates. */
import { enlist, type Member, type SimulatedFederation, trainerStakeWei } from './federation.ts';
import type { Population } from './population.ts';
import type { Strategy } from './strategies.ts';

export interface Members {
  /** In the order of their accounts for rewards. */
  accounts: readonly Member[];
  trainers: readonly Member[];
  evaluators: readonly Member[];
  all: readonly Member[];
  /** Addresses of those that follow the strategy. */
  deviating: ReadonlySet<string>;
  /** The one that looks at all there is. */
  watchtower: Member | undefined;
}

const aggregatorSeats = [0, 1, 2];
const watchtowerSeats = [0, 1];

export async function enlistAll(
  federation: SimulatedFederation,
  strategy: Strategy,
  { shards, validation }: Population,
): Promise<Members> {
  const aggregators: Member[] = [];
  for (const seat of aggregatorSeats) aggregators.push(await enlist(federation, 'aggregator', seat));
  const evaluators: Member[] = [];
  for (const seat of validation.keys()) evaluators.push(await enlist(federation, 'evaluator', seat));
  const trainers: Member[] = [];
  for (const seat of shards.keys()) trainers.push(...(await enlistTrainer(federation, strategy, seat)));
  const watchtowers: Member[] = [];
  for (const seat of watchtowerSeats) watchtowers.push(await enlist(federation, 'watchtower', seat));
  const accounts = [...aggregators, ...evaluators, ...trainers];
  const all = [...accounts, ...watchtowers];
  const deviating = new Set(all.filter((member) => isDeviating(strategy, member)).map(({ address }) => address));
  const watchtower = watchtowers.find(({ address }) => !deviating.has(address));
  return { accounts, trainers, evaluators, all, deviating, watchtower };
}

/** One account, or as many as the strategy splits its stake among. */
async function enlistTrainer(federation: SimulatedFederation, strategy: Strategy, seat: number): Promise<Member[]> {
  const identities = (strategy.trainers?.includes(seat) && strategy.identities) || 1;
  const members: Member[] = [];
  for (let identity = 0; identity < identities; identity++) {
    const stakeWei = trainerStakeWei / BigInt(identities);
    members.push(await enlist(federation, 'trainer', seat, `identity ${identity}`, stakeWei));
  }
  return members;
}

export function isDeviating(strategy: Strategy, { role, seat }: Pick<Member, 'role' | 'seat'>): boolean {
  return (strategy[`${role}s`] ?? []).includes(seat);
}
