/** The strategies that are compared, and which seats follow them. */
import {
  constant,
  copiesLastScores,
  favoursFriends,
  favoursQuietly,
  random,
  type ScoreStrategy,
} from './evaluators.ts';
import * as updates from './trainers.ts';

export interface Strategy {
  name: string;
  /** Seats of each role that deviate; the profit of all of them is counted, and compared with what they earn when honest. */
  trainers?: readonly number[];
  evaluators?: readonly number[];
  aggregators?: readonly number[];
  watchtowers?: readonly number[];
  update?: updates.UpdateStrategy;
  score?: ScoreStrategy;
  /** What deviating aggregators do: state a friend's score too high, or leave a rival out of the aggregate. */
  aggregate?: 'favour' | 'omit';
  /** Accounts among which a deviating trainer splits its stake. */
  identities?: number;
  /** The deviating stake everything that they earn. */
  restake?: boolean;
  /** The run that it is compared with, where that is not the honest one. */
  against?: string;
}

/** Three of ten. */
const attackers = [0, 1, 2];
/** Four of ten trainers and two of five evaluators: 40 % of the stake. */
const ring = { trainers: [0, 1, 2, 3], evaluators: [0, 1] };

export const honest: Strategy = { name: 'honest' };

/** What is honest earns more with more stake too: stake capture is compared with this. */
const restaking: Strategy = { name: 'honest, earnings staked', ...ring, restake: true };

const favouring: Strategy = { name: 'aggregator favours friends', aggregators: [0], aggregate: 'favour' };

export const strategies: readonly Strategy[] = [
  { name: 'free rider: zero', trainers: attackers, update: updates.zero },
  { name: 'free rider: noise', trainers: attackers, update: updates.noise },
  { name: 'free rider: stale global update', trainers: attackers, update: updates.staleGlobal },
  { name: 'free rider: last step under noise', trainers: attackers, update: updates.staleUnderNoise },
  { name: 'free rider: copied update', trainers: attackers, update: updates.copied },
  { name: 'free rider: exact copy', trainers: [0], update: updates.copiedExactly },
  { name: 'label flipper', trainers: attackers, update: updates.labelFlipper },
  { name: 'sign flipper', trainers: attackers, update: updates.signFlipper },
  { name: 'scaled update', trainers: attackers, update: updates.scaled },
  { name: 'a little is enough', trainers: attackers, update: updates.littleIsEnough },
  { name: 'inner product', trainers: attackers, update: updates.innerProduct },
  { name: 'lazy evaluator: constant', evaluators: [0], score: constant },
  { name: 'lazy evaluator: copies', evaluators: [0], score: copiesLastScores },
  { name: 'lazy evaluator: random', evaluators: [0], score: random },
  { name: 'colluding ring', ...ring, score: favoursFriends },
  { name: 'quiet ring', ...ring, score: favoursQuietly },
  restaking,
  { name: 'progressive stake capture', ...ring, score: favoursFriends, restake: true, against: restaking.name },
  { name: 'ten identities', trainers: [0], identities: 10 },
  favouring,
  { name: 'aggregator omits a rival', aggregators: [0], aggregate: 'omit' },
  { ...favouring, name: 'watchtower never looks', watchtowers: [0], against: favouring.name },
];
