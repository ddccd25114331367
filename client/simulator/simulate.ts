/** One run of a federation in which some follow a strategy: real training, real contracts, and what everybody has in the end. */
import { decodeModel, decodeUpdate, encodeModel, encodeUpdate } from '../core/codec.ts';
import { createRandom } from '../core/random.ts';
import { lowerMedian } from '../core/rewards/median.ts';
import type { Rule } from '../core/rules/rule.ts';
import { squaredNormBound } from '../core/task.ts';
import { scoreUpdates, type TrainerUpdate } from '../evaluator/score.ts';
import { clipNormForBound, clipToNorm, l2Norm } from '../privacy/clip.ts';
import type { CompiledModel, Dataset } from '../training/engine.ts';
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
import { enlistAll, type Members } from './members.ts';
import { compileModel, type Population, sampleOfRound } from './population.ts';
import { createRewards, type Rewards, type ScoresOf } from './rewards.ts';
import { createRounds, type ProposedRound, type Rounds } from './rounds.ts';
import type { Strategy } from './strategies.ts';

export interface SimulationOptions {
  population: Population;
  rounds: number;
  rule: Rule;
  seed: string;
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
}

/** Rounds from one deposit of earnings to the next, for those that stake them. */
const restakingRounds = 10;

/** Errors: those of training and of the chain, which refuses nothing that an honest participant does. */
export async function simulate(strategy: Strategy, options: SimulationOptions): Promise<SimulationResult> {
  const compiled = await compileModel(options.population);
  const chain = await createChain();
  try {
    const genesis = encodeModel(compiled.initialParameters(options.seed));
    const clipNorm = await honestNorm(compiled, genesis, options);
    const trainers = options.population.shards.length - 1 + (strategy.identities ?? 1);
    const federation = await deployFederation(chain, { genesis, rule: options.rule, clipNorm, trainers });
    const members = await enlistAll(federation, strategy, options.population);
    // who joins scores what is proposed later
    await chain.passSeconds(1);
    const run: Run = {
      strategy,
      options,
      compiled,
      federation,
      members,
      rounds: createRounds(federation),
      rewards: createRewards(federation, members.accounts),
      removed: new Set(),
      model: genesis,
      previousModel: undefined,
      history: [],
      lastScores: new Map(),
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

/** The clip bound that the documentation recommends: the median norm of honest updates of the first model. */
async function honestNorm(model: CompiledModel, genesis: Int32Array, { population, seed }: SimulationOptions) {
  const base = decodeModel(genesis);
  const norms: number[] = [];
  for (const shard of population.shards)
    norms.push(l2Norm(await train(model, base, sampleOfRound(shard, createRandom(seed, 'norm')), `${seed}/norm`)));
  return lowerMedian(norms);
}

async function train(model: CompiledModel, base: Float32Array, data: Dataset, seed: string): Promise<Float32Array> {
  const { parameters } = await model.trainLocally(base, data, { seed });
  return parameters.map((value, i) => value - base[i]!);
}

async function playRound(run: Run): Promise<void> {
  const { rounds, rewards, members, strategy } = run;
  const open = await rounds.open();
  const updates = await makeUpdates(run, open.round);
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

/** The honest ones first: the strongest attackers are taken to know them. */
async function makeUpdates(run: Run, round: number): Promise<[Member, Int16Array][]> {
  const { compiled, federation, members, model, options, removed, strategy } = run;
  const { clipNorm, dimension } = federation;
  const base = decodeModel(model);
  const { shards } = options.population;
  const bound = clipNormForBound(squaredNormBound(clipNorm), dimension);
  const encode = (member: Member, update: Float32Array) =>
    encodeUpdate(clipToNorm(update, bound).update, createRandom(options.seed, 'rounding', member.address, round))
      .values;
  const trainOn = (member: Member, data: Dataset) =>
    train(
      compiled,
      base,
      sampleOfRound(data, createRandom(options.seed, 'data', member.address, round)),
      `${options.seed}/${member.address}/${round}`,
    );

  const active = members.trainers.filter(({ address }) => !removed.has(address));
  const deviates = ({ address }: Member) => strategy.update !== undefined && members.deviating.has(address);
  const made = new Map<Member, Int16Array>();
  for (const member of active) {
    if (!deviates(member)) made.set(member, encode(member, await trainOn(member, shards[member.seat]!)));
  }
  const view = {
    round,
    base,
    previousBase: run.previousModel === undefined ? undefined : decodeModel(run.previousModel),
    clipNorm: bound,
    history: run.history,
    honest: [...made.values()].map(decodeUpdate),
    trainers: active.length,
    deviators: active.filter(deviates).length,
  };
  for (const member of active.filter(deviates)) {
    const { seat } = member;
    const random = createRandom(options.seed, 'deviation', seat, round);
    const own = { seat, shard: shards[seat]!, random, train: (data: Dataset) => trainOn(member, data) };
    made.set(member, encode(member, await strategy.update!({ ...view, ...own })));
  }
  return [...made];
}

async function scoreAll(run: Run, { inputs }: ProposedRound): Promise<ScoresOf[]> {
  const { compiled, members, model, previousModel, history, options, strategy } = run;
  const updates = members.trainers.flatMap(({ address }) => inputs.filter(({ trainer }) => trainer === address));
  const trainers = updates.map(({ trainer }) => trainer);
  const round = {
    model: compiled,
    base: decodeModel(model),
    previousBase: previousModel === undefined ? undefined : decodeModel(previousModel),
    earlierUpdates: history.at(-1) ?? [],
    updates,
  };
  const all: ScoresOf[] = [];
  for (const evaluator of members.evaluators) {
    const validation = options.population.validation[evaluator.seat]!;
    const honest = () => scoreUpdates({ ...round, validation });
    const deviates = strategy.score !== undefined && members.deviating.has(evaluator.address);
    const random = createRandom(options.seed, 'scores', evaluator.address, history.length, ...run.lastScores.values());
    const view = { honest, trainers, lastScores: run.lastScores, friends: members.deviating, random };
    all.push({ evaluator, scores: deviates ? await strategy.score!(view) : await honest() });
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
