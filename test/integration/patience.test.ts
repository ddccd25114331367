/** Evaluators measure the rounds' models; trainers end when these do not become better, and anybody fetches the best. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readRoundMetrics } from '../../client/actions/metrics.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { tributary } from '../cli/tributary.ts';
import { FederationRun } from './federationRun.ts';
import { fewProcesses, newFolder } from './processes.ts';

describe('a task with patience', () => {
  const run = new FederationRun();
  after(() => run.close());

  it('ends when no round has been better for so many, and its best round is known to all', async () => {
    // an accuracy that is better by 1 there is none
    const metric = { name: 'accuracy' as const, patience: 1, leastGain: 1 };
    await run.open({}, {}, {}, [], { metric });
    const evaluators = [5, 6].map((account) =>
      run.start('evaluator', account, '--source', `mnist:${account - 4}/2?set=heldOut&seed=1`, '--rounds', '1000'),
    );
    await Promise.all(evaluators.map((process) => process.event('joined')));
    run.start('aggregator', 3, '--rounds', '1000');
    const trainers = [1, 2].map((account) => run.start('trainer', account, '--rounds', '1000'));
    const ended = await Promise.all(trainers.map((process) => process.event('stopped')));
    for (const { reason } of ended)
      expect(reason).to.match(/^no better round in the last [1-9]: accuracy was best in round 1, 0\.\d+/);

    const [federation, rewards] = [run.federation(), run.rewards()];
    await Promise.all([federation.sync(), rewards.sync()]);
    const last = proposedRounds(federation.state).at(-1)!.number;
    await Promise.all(evaluators.map((process) => process.event('measured', ({ round }) => round === last)));
    const { best, rounds } = await readRoundMetrics({ federation, rewards }, { signal: AbortSignal.timeout(10_000) });
    expect(rounds.map(({ round }) => round)).to.deep.equal(Array.from({ length: last }, (_, index) => index + 1));
    for (const { value, measuredBy } of rounds) {
      expect(value).to.be.within(0.3, 1);
      expect(measuredBy).to.equal(2);
    }
    expect(best!.value).to.equal(Math.max(...rounds.map(({ value }) => value)));

    const output = join(run.folder, 'best');
    const reading = ['--deployment', run.file];
    const [status, fetched] = await Promise.all([
      tributary(['status', ...reading]),
      tributary(['fetch-model', ...reading, '--round', 'best', '--output', output, '--json']),
    ]);
    expect(status.stdout)
      .to.include(`Best round so far: ${best!.round}, accuracy `)
      .and.to.include('median of 2 of 2 evaluators');
    expect(fetched.code, fetched.stderr).to.equal(0);
    expect(JSON.parse(fetched.stdout).round).to.equal(best!.round);
    const card = readFileSync(join(output, 'model-card.md'), 'utf8');
    expect(card)
      .to.include('| round | updates | weight | accuracy |')
      .and.to.include(`| ${Number(best!.value.toPrecision(4))} |`);
  });

  it('ends a run on one machine before the rounds asked for, which shows the metric of each round', async () => {
    const folder = newFolder();
    const config = join(folder, 'tributary.json');
    const metric = { name: 'logLoss', patience: 1, leastGain: 1000 };
    writeFileSync(config, JSON.stringify({ metric, model: { kind: 'logistic', inputShape: [784], classes: 10 } }));
    const args = ['start', '--config', config, '--folder', join(folder, 'run'), '--rounds', '30', '--json'];
    const { code, stdout, stderr } = await tributary([...args, ...fewProcesses]);
    expect(code, stderr).to.equal(0);
    const summary = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(summary.rounds).to.be.within(2, 10);
    expect(summary.metric.name).to.equal('logLoss');
    expect(summary.metric.values).to.have.length(summary.rounds);
    expect(summary.metric.values.at(-1)).to.be.below(summary.metric.values[0]);
    expect(readFileSync(summary.model.card, 'utf8')).to.include('| round | updates | weight | logLoss |');
  });
});
