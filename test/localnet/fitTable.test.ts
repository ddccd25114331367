/** Tables on terminals of several widths. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { createColors } from 'picocolors';
import type { RewardsStatus } from '../../client/actions/rewards.ts';
import type { FederationStatus } from '../../client/actions/status.ts';
import { renderRewards } from '../../client/cli/rewards.ts';
import { renderStatus } from '../../client/cli/status.ts';
import { renderTable } from '../../client/localnet/fitTable.ts';
import { renderRounds } from '../../client/localnet/table.ts';

const widths = [30, 60, 80, 100, 120, 200];
const address = `0x${'aB'.repeat(20)}`;
const plain = createColors(false);

const round = {
  round: 1_000,
  accuracy: 0.934,
  updates: 5,
  gas: 354_539_000,
  gasPerSubmission: 34_398,
  bytes: 2_789_000,
  bytesPerUpdate: 398_500,
  seconds: 2.96,
  trainingSeconds: 0.05,
  overheadSeconds: 2.91,
  proposer: 'aggregator 12',
  verifiedBy: ['watchtower 1', 'watchtower 2'],
  rewardGwei: '99500000000',
  final: true,
  modelRoot: '0x',
  modelCid: 'b',
};
const status: FederationStatus = {
  federation: address,
  chainId: 31_337,
  dimension: 6,
  rule: 'mean',
  halted: null,
  openRound: 3,
  finalRound: 1,
  trainers: [],
  aggregators: [],
  evaluators: [],
  waitsFor: null,
  awaited: [],
  scores: [],
  endpoints: {},
  rounds: [
    {
      round: 1,
      baseRound: 0,
      state: 'final',
      submissions: 3,
      expected: 3,
      proposer: address,
      modelRoot: `0x${'12'.repeat(32)}`,
    },
    { round: 2, baseRound: 1, state: 'open', submissions: 0, expected: 3, proposer: null, modelRoot: null },
  ],
};
const rewards: RewardsStatus = {
  rewards: address,
  poolGwei: '1',
  finalRound: 1,
  balancesOf: 1,
  rounds: [
    {
      round: 1,
      state: 'undone',
      proposer: address,
      closesAt: 1,
      scored: 30_000,
      evaluators: 100,
      paidGwei: '123456789123456789',
      ranDry: true,
    },
  ],
  accounts: [],
};
const listed = {
  head: ['parameter', 'now', 'bounds', 'what it is'],
  rows: [
    [
      'minimumStake',
      '100 tokens',
      'above 0, as 100 tokens',
      'what an account must have at stake to take part in it at all',
    ],
  ],
  optional: ['bounds'],
};

const tables: Record<string, (columns?: number) => string> = {
  'of rounds': (columns) => renderRounds([round, { ...round, round: 1_001 }], plain, undefined, columns),
  'of the status': (columns) => renderStatus(status, columns),
  'of rewards': (columns) => renderRewards(rewards, columns),
  'of parameters': (columns) => renderTable(listed, columns),
};

/** Those of the table, without the sentences above it. */
function tableLines(text: string): string[] {
  return text.split('\n').filter((line) => !/^(Federation|Open|Rewards|Round) /.test(line));
}

describe('a table', () => {
  for (const [name, render] of Object.entries(tables)) {
    it(`${name} is never wider than the terminal, and whole in a pipe`, () => {
      for (const columns of widths) {
        for (const line of tableLines(render(columns)))
          expect(line.length, `${columns}: ${line}`).to.be.at.most(columns);
      }
      const whole = render();
      expect(render(500)).to.equal(whole);
      expect(Math.max(...whole.split('\n').map((line) => line.length))).to.be.above(60);
    });
  }

  it('keeps all that a cell says where it is wrapped, and what is least important is left out', () => {
    const text = renderTable(listed, 60);
    const said = text.replaceAll(/[│┌┐└┘├┤┬┴┼─\s]/g, '');
    expect(said).to.include('minimumStake').and.not.to.include('above0');
    expect(renderTable(listed, 25).replaceAll(/\s/g, '')).to.include('100tokens');
    expect(renderStatus(status, 80).replaceAll(/[│\s]/g, '')).to.include(address.slice(0, 10));
  });

  it('is drawn by one function', () => {
    const client = new URL('../../client', import.meta.url).pathname;
    const files = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const drawing = files.filter((file) => readFileSync(join(client, file), 'utf8').includes("'cli-table3'"));
    expect(drawing).to.deep.equal([join('localnet', 'fitTable.ts')]);
  });
});
