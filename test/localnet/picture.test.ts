import { expect } from 'chai';
import { createColors } from 'picocolors';
import type { Activity } from '../../client/localnet/activity.ts';
import { formatBytes, formatSeconds, progressBar, truncate } from '../../client/localnet/format.ts';
import { renderPicture } from '../../client/localnet/outputTerminal.ts';
import { renderRounds } from '../../client/localnet/table.ts';
import type { RoundCosts } from '../../client/localnet/tally.ts';

const plain = createColors(false);

function row(round: number, change: Partial<RoundCosts> = {}): RoundCosts {
  return {
    round,
    accuracy: 0.934,
    updates: 5,
    gas: 354_539,
    gasPerSubmission: 34_398,
    bytes: 2_789_000,
    bytesPerUpdate: 398_500,
    seconds: 2.96,
    trainingSeconds: 0.05,
    overheadSeconds: 2.91,
    proposer: 'aggregator 2',
    verifiedBy: ['watchtower 1'],
    rewardGwei: '99500000000',
    final: true,
    modelRoot: '0x',
    modelCid: 'b',
    ...change,
  };
}

describe('the picture of a run', () => {
  it('has a table whose lines say what each round cost, without colours', () => {
    const lines = renderRounds([row(1), row(2, { accuracy: null, verifiedBy: [] })], plain).split('\n');
    expect(lines[1]).to.match(
      /round │ accuracy │\s+gas │\s+bytes │ seconds │ training │ rewards │ proposed by\s+│ verified by/,
    );
    expect(lines[3]).to.match(
      /1 │\s+93.4 % │ 354,539 │ 2.8 MB │\s+2.96 s │\s+50 ms │\s+99.5 │ aggregator 2 │ watchtower 1/,
    );
    expect(lines[4]).to.match(/2 │\s+… │/);
    expect(lines.join('')).not.to.include('\u001b');
  });

  it("has the task's own metric in its table", () => {
    const metric = (value: number | null) => ({ accuracy: Number.NaN, metric: { name: 'rmse' as const, value } });
    const lines = renderRounds([row(1, metric(4.23456)), row(2, metric(null))], plain).split('\n');
    expect(lines[1]).to.match(/round │\s+RMSE │\s+gas/);
    expect(lines[3]).to.match(/1 │\s+4.235 │/);
    expect(lines[4]).to.match(/2 │\s+… │/);
  });

  it('shows a voided proposal as void', () => {
    const voided = { round: 3, gas: 136_150, bytes: 31_744, proposer: 'adversary 1', reason: 'stood on round 2' };
    const lines = renderRounds([row(2), voided], plain).split('\n');
    expect(lines[4]).to.match(/3 │\s+void │ 136,150 │ 31.7 kB │\s+│\s+│\s+│ adversary 1\s+│ stood on round 2/);
  });

  it('has a line for each process, with a bar while it trains', () => {
    const activities = new Map<string, Activity>([
      ['trainer 1', { round: 3, text: 'epoch 3 of 5', progress: 0.5 }],
      ['aggregator 1', { text: 'joined' }],
    ]);
    const picture = renderPicture(['Tributary'], activities, [], plain, { columns: 80, rows: 24 });
    expect(picture.split('\n')).to.deep.equal([
      'Tributary',
      '',
      `  trainer 1     round 3    ${'█'.repeat(12)}${'░'.repeat(12)}  50 %  epoch 3 of 5`,
      '  aggregator 1             joined',
    ]);
  });

  it('fits the window, however many processes and rounds there are', () => {
    const activities = new Map(
      Array.from({ length: 100 }, (_, index) => [`trainer ${index}`, { text: 'a'.repeat(300) } as Activity]),
    );
    const rows = Array.from({ length: 100 }, (_, index) => row(index + 1));
    const lines = renderPicture(['Tributary'], activities, rows, plain, { columns: 100, rows: 30 }).split('\n');
    expect(lines.length).to.be.at.most(30);
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(100);
    expect(lines.join('\n')).to.match(/and \d+ more/);
    expect(lines.join('\n')).to.include('│   100 │');
  });

  it('reads quantities as people do', () => {
    expect([999, 15_744, 2_789_000].map(formatBytes)).to.deep.equal(['999 B', '15.7 kB', '2.8 MB']);
    expect([0.0126, 0.5, 12.34, 125].map(formatSeconds)).to.deep.equal(['13 ms', '0.50 s', '12.3 s', '2 min 5 s']);
    expect(progressBar(2, 4)).to.equal('████');
    expect(truncate('federation', 5)).to.equal('fede…');
  });
});
