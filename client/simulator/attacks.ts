/** How good the model becomes under each attack by trainers, rule by rule: training alone, without a chain. */
import pLimit from 'p-limit';
import { decodeModel, encodeModel } from '../core/codec.ts';
import type { Rule } from '../core/rules/rule.ts';
import { honestNorm } from './localTraining.ts';
import { compileModel, type Population } from './population.ts';
import * as updates from './trainers.ts';
import { trainRounds } from './training.ts';

export interface Attack {
  name: string;
  /** Undefined where all are honest. */
  update: updates.UpdateStrategy | undefined;
  /** The attackers send nothing. */
  absent?: true;
}

/** The first is what the others are compared with. */
export const attacks: readonly Attack[] = [
  { name: 'nobody', update: undefined },
  { name: 'nobody, without them', update: undefined, absent: true },
  { name: 'label flip', update: updates.labelFlipper },
  { name: 'sign flip', update: updates.signFlipper },
  { name: 'scaled', update: updates.scaled },
  { name: 'a little is enough', update: updates.littleIsEnough },
  { name: 'inner product', update: updates.innerProduct },
  { name: 'noise', update: updates.noise },
  { name: 'inner product, now and then', update: updates.inTurns(updates.innerProduct) },
];

export interface AttackOptions {
  population: Population;
  rounds: number;
  /** Of all trainers, those that attack: the first seats. */
  attackers: number;
  seed: string;
  /** How much of its weight an update without reputation keeps; 10,000 where past scores do not weigh. */
  reputationFloorBasisPoints: number;
  /** Clip bound, in median norms of honest updates of the first model. */
  clipNorms: number;
  /** The attacks; all without it. */
  only?: readonly string[];
  /** Runs at a time. */
  concurrency: number;
}

export interface AttackResult {
  rule: string;
  attack: string;
  /** Of the last model, on data that nobody has trained on. */
  accuracy: number;
}

/** Rule after rule, each under all attacks. Errors: those of training. */
export async function measureAttacks(
  rules: ReadonlyMap<string, Rule>,
  { concurrency, only, ...options }: AttackOptions,
): Promise<AttackResult[]> {
  const limit = pLimit(concurrency);
  const measured = attacks.filter(({ name }) => only?.includes(name) ?? true);
  const runs = [...rules].flatMap(([name, rule]) => measured.map((attack) => ({ name, rule, attack })));
  return await Promise.all(
    runs.map(({ name, rule, attack }) =>
      limit(async () => ({ rule: name, attack: attack.name, accuracy: await accuracyUnder(attack, rule, options) })),
    ),
  );
}

async function accuracyUnder(
  { update, absent }: Attack,
  rule: Rule,
  { population, rounds, attackers, seed, clipNorms, ...reputation }: Omit<AttackOptions, 'concurrency' | 'only'>,
): Promise<number> {
  const compiled = await compileModel(population);
  try {
    const genesis = encodeModel(compiled.initialParameters(seed));
    const clipNorm = clipNorms * (await honestNorm(compiled, genesis, population, seed));
    const deviating = Array.from({ length: attackers }, (_, seat) => seat);
    const training = { compiled, population, seed, clipNorm, update };
    const model = await trainRounds({
      ...training,
      ...reputation,
      genesis,
      rule,
      rounds,
      deviating,
      absent: absent ? deviating : [],
    });
    return (await compiled.evaluate(decodeModel(model), population.test)).accuracy;
  } finally {
    await compiled.dispose();
  }
}
