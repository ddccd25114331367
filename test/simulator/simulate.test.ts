import { expect } from 'chai';
import { parseRule } from '../../client/core/rules/parseRule.ts';
import { attacks, measureAttacks } from '../../client/simulator/attacks.ts';
import { compareStrategies } from '../../client/simulator/compare.ts';
import { createPopulation } from '../../client/simulator/population.ts';
import type { SimulationOptions } from '../../client/simulator/simulate.ts';
import { type Strategy, strategies } from '../../client/simulator/strategies.ts';
import { partitionIid } from '../../client/training/data/partition.ts';

const rounds = 6;
/** After them there is little left to learn: honest evaluators differ by more than trainers do. */
const trainedRounds = 150;

const population = createPopulation({
  trainers: 10,
  evaluators: 5,
  partition: partitionIid,
  data: 'arriving',
  seed: 'test',
});

async function compare(
  names: readonly string[],
  start: Partial<Pick<SimulationOptions, 'trainedRounds' | 'rounds' | 'reputationFloor'>> = {},
) {
  const compared = names.map((name) => strategies.find((strategy) => strategy.name === name) as Strategy);
  const options = {
    population: await population,
    rounds,
    rule: parseRule('mean'),
    seed: 'test',
    reputationFloor: 1,
    concurrency: 2,
  };
  return await compareStrategies({ ...options, ...start }, compared);
}

describe('the simulation of strategies', () => {
  it('pays the reward of every round to the honest, and slashes none of them', async () => {
    const [honest] = await compare([]);
    // nobody's scores may be near enough to the medians for the evaluators' share
    expect(honest!.profit).to.be.within(80 * rounds - 1e-6, 100 * rounds);
    expect(honest!.slashed).to.equal(0);
    expect(honest!.accuracy).to.be.greaterThan(0.3);
  });

  it('slashes every provable fault and nobody else', async () => {
    const results = await compare(['free rider: exact copy', 'aggregator favours friends', 'aggregator omits a rival']);
    const slashed = results.map((result) => [result.name, result.slashed, result.othersSlashed]);
    expect(slashed).to.deep.equal([
      ['honest', 0, 0],
      ['free rider: exact copy', 10, 0],
      ['aggregator favours friends', 1000, 0],
      ['aggregator omits a rival', 1000, 0],
    ]);
    for (const { profit, honestProfit } of results.slice(1)) expect(profit).to.be.lessThan(honestProfit);
  });

  it('pays the watchtower that looks', async () => {
    const results = await compare(['aggregator favours friends', 'watchtower never looks']);
    expect(results[2]).to.include({ profit: 0, honestProfit: 500, slashed: 0, othersSlashed: 1000 });
  });

  it('pays free riders and attackers less than the honest', async () => {
    const names = ['free rider: zero', 'free rider: stale global update', 'free rider: copied update', 'sign flipper'];
    const results = await compare(names);
    for (const { name, profit, honestProfit } of results.slice(1)) {
      expect(profit, name).to.be.lessThan(honestProfit / 2);
    }
  });

  it('loses less to attackers where reputation weighs', async () => {
    const attacked = ['inner product', 'aggregator omits a rival'];
    const [, unweighed] = await compare(attacked, { rounds: 10 });
    const [honest, weighed, omitting] = await compare(attacked, { rounds: 10, reputationFloor: 0.1 });
    expect(weighed!.accuracy).to.be.above(unweighed!.accuracy + 0.02);
    expect([honest!.slashed, weighed!.slashed, omitting!.slashed]).to.deep.equal([0, 0, 1000]);
  });

  it('pays no strategy more than the honest, also near convergence', async () => {
    const results = await compare(
      strategies.map(({ name }) => name),
      { trainedRounds },
    );
    const cheats = results.filter(({ name }) => !name.startsWith('honest'));
    expect(cheats).to.have.length(21);
    for (const { name, profit, honestProfit } of cheats) expect(profit, name).to.be.at.most(honestProfit);
    const rings = cheats.filter(({ name }) => name.endsWith('ring'));
    for (const { name, profit, honestProfit } of rings) expect(profit, name).to.be.below(0.95 * honestProfit);
  });

  it('says how good the model becomes under attack, by rule', async () => {
    const options = {
      population: await population,
      rounds,
      attackers: 3,
      seed: 'test',
      concurrency: 2,
      reputationFloorBasisPoints: 10_000,
      clipNorms: 1,
    };
    const results = await measureAttacks(new Map(['mean', 'median'].map((rule) => [rule, parseRule(rule)])), options);
    const of = (rule: string, attack: string) =>
      results.find((result) => result.rule === rule && result.attack === attack)!.accuracy;
    expect(results).to.have.length(2 * attacks.length);
    expect(of('mean', 'nobody')).to.be.above(0.3);
    expect(of('mean', 'inner product')).to.be.below(of('mean', 'nobody') - 0.1);
    expect(of('median', 'inner product')).to.be.above(of('mean', 'inner product') + 0.05);
  });

  it('keeps the mean by past scores within 2 points of the run without the attackers', async () => {
    const options = {
      population: await population,
      rounds: 60,
      attackers: 3,
      seed: 'test',
      concurrency: 2,
      clipNorms: 1,
    };
    const only = ['nobody, without them', 'label flip', 'sign flip'];
    const mean = new Map([['mean', parseRule('mean')]]);
    const measure = async (reputationFloorBasisPoints: number) =>
      (await measureAttacks(mean, { ...options, only, reputationFloorBasisPoints })).map(({ accuracy }) => accuracy);
    const [undisturbed, ...attacked] = await measure(1_000);
    for (const accuracy of attacked) expect(accuracy).to.be.above(undisturbed! - 0.02);
    const [, ...unweighed] = await measure(10_000);
    for (const accuracy of unweighed) expect(accuracy).to.be.below(undisturbed! - 0.03);
  });
});
