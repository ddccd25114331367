import { expect } from 'chai';
import { parseRule } from '../../client/core/rules/parseRule.ts';
import { compareStrategies } from '../../client/simulator/compare.ts';
import { createPopulation } from '../../client/simulator/population.ts';
import { type Strategy, strategies } from '../../client/simulator/strategies.ts';
import { partitionIid } from '../../client/training/data/partition.ts';

const rounds = 6;

async function compare(...names: string[]) {
  const population = await createPopulation({ trainers: 10, evaluators: 5, partition: partitionIid, seed: 'test' });
  const compared = names.map((name) => strategies.find((strategy) => strategy.name === name) as Strategy);
  const options = { population, rounds, rule: parseRule('mean'), seed: 'test', concurrency: 2 };
  const results = await compareStrategies(options, compared);
  return results;
}

describe('the simulation of strategies', function () {
  this.timeout(180_000);

  it('pays the reward of every round to the honest, and slashes none of them', async () => {
    const [honest] = await compare();
    // nobody's scores may be near enough to the medians for the evaluators' share
    expect(honest!.profit).to.be.within(80 * rounds - 1e-6, 100 * rounds);
    expect(honest!.slashed).to.equal(0);
    expect(honest!.accuracy).to.be.greaterThan(0.3);
  });

  it('slashes every provable fault and nobody else', async () => {
    const results = await compare('free rider: exact copy', 'aggregator favours friends', 'aggregator omits a rival');
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
    const results = await compare('aggregator favours friends', 'watchtower never looks');
    expect(results[2]).to.include({ profit: 0, honestProfit: 500, slashed: 0, othersSlashed: 1000 });
  });

  it('pays free riders and attackers less than the honest', async () => {
    const names = ['free rider: zero', 'free rider: stale global update', 'free rider: copied update', 'sign flipper'];
    const results = await compare(...names);
    for (const { name, profit, honestProfit } of results.slice(1)) {
      expect(profit, name).to.be.lessThan(honestProfit / 2);
    }
  });
});
