/** One run of a federation in which some follow a strategy: real training, real contracts, and what everybody has in the end. */
import { decodeModel, encodeModel } from '../core/codec.ts';
import { createRandom } from '../core/random.ts';
import type { Rule } from '../core/rules/rule.ts';
import { type Findings, scoreUpdates, type TrainerUpdate } from '../evaluator/score.ts';
import type { CompiledModel } from '../training/engine.ts';
import { createChain } from './chain.ts';
import {
  deployFederation,
  deposit,
  type Member,
  type Role,
  type SimulatedFederation,
  timing,
  wealthWei,
} from './federation.ts';
import { honestNorm, makeUpdates } from './localTraining.ts';
import { enlistAll, type Members } from './members.ts';
import { compileModel, type Population } from './population.ts';
import { createRewards, type Rewards } from './rewards.ts';
import { createRounds, type ProposedRound, type Rounds } from './rounds.ts';
import type { ScoresOf } from './scoring.ts';
import type { Strategy } from './strategies.ts';
import { trainRounds } from './training.ts';

export interface SimulationOptions {
  population: Population;
  rounds: number;
  /** Honest rounds before the first one, without a chain: what is paid when there is little left to learn. */
  trainedRounds?: number;
  rule: Rule;
  seed: string;
  /** Share of its weight that an update without reputation keeps; 1 where past scores do not weigh. */
  reputationFloor: number;
  onRound?: (round: number) => void;
}

/** What a participant has gained in the end, in tokens. */
export interface MemberResult {
  role: Role;
  seat: number;
  /** Earned minus slashed. */
  profit: number;
  slashed: number;
}

export interface SimulationResult {
  members: readonly MemberResult[];
  /** Of the last model, on data that nobody has trained on. */
  accuracy: number;
}

interface Run {
  strategy: Strategy;
  options: SimulationOptions;
  compiled: CompiledModel;
  federation: SimulatedFederation;
  members: Members;
  rounds: Rounds;
  rewards: Rewards;
  /** Trainers that were slashed are out. */
  removed: Set<string>;
  /** The newest model and the one before it. */
  model: Int32Array;
  previousModel: Int32Array | undefined;
  /** Updates of past rounds, oldest first. */
  history: TrainerUpdate[][];
  lastScores: ReadonlyMap<string, number>;
  /** Of each evaluator, by seat. */
  findings: Findings[];
}

/** Rounds from one deposit of earnings to the next, for those that stake them. */
const restakingRounds = 10;

/** Errors: those of training and of the chain, which refuses nothing that an honest participant does. */
export async function simulate(strategy: Strategy, options: SimulationOptions): Promise<SimulationResult> {
  const compiled = await compileModel(options.population);
  const chain = await createChain();
  try {
    const { clipNorm, genesis } = await startOf(compiled, options);
    const trainers = options.population.shards.length - 1 + (strategy.identities ?? 1);
    const reputationFloorBasisPoints = Math.round(options.reputationFloor * 10_000);
    const { rule } = options;
    const federation = await deployFederation(chain, { genesis, rule, clipNorm, trainers, reputationFloorBasisPoints });
    const members = await enlistAll(federation, strategy, options.population);
    // who joins scores what is proposed later
    await chain.passSeconds(1);
    const rewards = createRewards(federation, members.accounts);
    const run: Run = {
      strategy,
      options,
      compiled,
      federation,
      members,
      rounds: createRounds(federation, rewards),
      rewards,
      removed: new Set(),
      model: genesis,
      previousModel: undefined,
      history: [],
      lastScores: new Map(),
      findings: options.population.validation.map(() => new Map()),
    };
    for (let round = 1; round <= options.rounds; round++) {
      await playRound(run);
      if (strategy.restake === true && round % restakingRounds === 0) await restake(run);
      options.onRound?.(round);
    }
    await chain.passSeconds(timing.challengeSeconds);
    await run.rewards.finalize();
    for (const member of members.accounts) await run.rewards.claim(member);
    const { accuracy } = await compiled.evaluate(decodeModel(run.model), options.population.test);
    return { members: await Promise.all(members.all.map((member) => resultOf(federation, member))), accuracy };
  } finally {
    await chain.close();
    await compiled.dispose();
  }
}

async function startOf(compiled: CompiledModel, { population, seed, rule, trainedRounds = 0 }: SimulationOptions) {
  const initial = encodeModel(compiled.initialParameters(seed));
  const clipNorm = await honestNorm(compiled, initial, population, seed);
  const training = { compiled, population, seed: `${seed}/trained`, clipNorm, update: undefined };
  const genesis = await trainRounds({ ...training, genesis: initial, rule, rounds: trainedRounds, deviating: [] });
  return { clipNorm, genesis };
}

async function playRound(run: Run): Promise<void> {
  const { rounds, rewards, members, strategy } = run;
  const open = await rounds.open();
  const updates = await updatesOf(run, open.round);
  for (const [member, values] of updates) {
    const identities = members.deviating.has(member.address) ? (strategy.identities ?? 1) : 1;
    const samples = run.options.population.shards[member.seat]!.count;
    await rounds.submit(open.round, member, values, Math.max(1, Math.round(samples / identities)));
  }
  for (const copier of await rounds.findCopies(open.round, members.watchtower)) run.removed.add(copier);
  const { aggregate } = strategy;
  const cheats = (kind: Strategy['aggregate']) => (aggregator: string) => {
    // a rival is the last of the trainers, a friend the first
    const at = kind === 'omit' ? -1 : 0;
    return aggregate === kind && members.deviating.has(aggregator) ? members.trainers.at(at)!.address : undefined;
  };
  const proposed = await rounds.propose(open, run.model, cheats('omit'), members.watchtower);
  await rewards.score(proposed, await scoreAll(run, proposed));
  await rounds.finalize(proposed.round);
  const settlement = await rewards.state(proposed, cheats('favour'), members.watchtower);
  run.lastScores = new Map(settlement.entries.map(({ trainer, score }) => [trainer, score]));
  run.history = [...run.history.slice(-1), proposed.inputs.map(({ trainer, values }) => ({ trainer, values }))];
  run.previousModel = run.model;
  run.model = proposed.model;
}

/** By the trainers that are not removed. */
function updatesOf(run: Run, round: number): Promise<[Member, Int16Array][]> {
  const { compiled, federation, members, model, previousModel, history, options, removed, strategy } = run;
  const { population, seed } = options;
  const training = { compiled, population, seed, clipNorm: federation.clipNorm, update: strategy.update };
  const active = members.trainers.filter(({ address }) => !removed.has(address));
  const start = { round, model, previousModel, history };
  return makeUpdates(training, start, active, ({ address }) => members.deviating.has(address));
}

async function scoreAll(run: Run, { inputs }: ProposedRound): Promise<ScoresOf[]> {
  const { compiled, members, model, previousModel, history, options, strategy, findings } = run;
  const updates = members.trainers.flatMap(({ address }) => inputs.filter(({ trainer }) => trainer === address));
  const trainers = updates.map(({ trainer }) => trainer);
  const round = {
    model: compiled,
    base: decodeModel(model),
    previousBase: previousModel === undefined ? undefined : decodeModel(previousModel),
    earlierUpdates: history.at(-1) ?? [],
    updates,
  };
  const honestScores = new Map<Member, Promise<Int16Array>>();
  const scoreHonestly = async ({ seat }: Member) => {
    const validation = options.population.validation[seat]!;
    const { scores, found } = await scoreUpdates({ ...round, validation, found: findings[seat]! });
    findings[seat] = found;
    return scores;
  };
  const honestOf = (evaluator: Member) => {
    const scores = honestScores.get(evaluator) ?? scoreHonestly(evaluator);
    honestScores.set(evaluator, scores);
    return scores;
  };
  const ring = members.evaluators.filter(({ address }) => members.deviating.has(address));
  const all: ScoresOf[] = [];
  for (const evaluator of members.evaluators) {
    const random = createRandom(options.seed, 'scores', evaluator.address, history.length, ...run.lastScores.values());
    const view = {
      honest: () => honestOf(evaluator),
      ring: () => Promise.all(ring.map(honestOf)),
      trainers,
      lastScores: run.lastScores,
      friends: members.deviating,
      random,
    };
    const deviates = strategy.score !== undefined && ring.includes(evaluator);
    all.push({ evaluator, scores: deviates ? await strategy.score!(view) : await honestOf(evaluator) });
  }
  return all;
}

/** The deviating claim what they have earned and stake it. */
async function restake({ federation, members, rewards }: Run): Promise<void> {
  const { chain, contracts } = federation;
  for (const member of members.all.filter(({ address }) => members.deviating.has(address))) {
    await rewards.claim(member);
    const [held] = await chain.read(contracts.TributaryToken, 'balanceOf', [member.address]);
    if ((held as bigint) > 0n) await deposit(federation, member, held as bigint);
  }
}

async function resultOf(federation: SimulatedFederation, member: Member): Promise<MemberResult> {
  const gained = (await wealthWei(federation, member)) - member.stakeWei;
  const slashed = federation.slashedWei.get(member.address) ?? 0n;
  return { role: member.role, seat: member.seat, profit: inTokens(gained), slashed: inTokens(slashed) };
}

function inTokens(wei: bigint): number {
  return Number(wei / 10n ** 9n) / 1e9;
}
