import { expect } from 'chai';
import type { ProposedAggregate, Round } from '../../client/chain/rounds.ts';
import { inputsListBytes } from '../../client/core/inputs.ts';
import { summarise } from '../../client/localnet/summary.ts';
import { createTally } from '../../client/localnet/tally.ts';

const account = `0x${'a1'.repeat(20)}`;

function proposedRound(number: number, submissions: number): Round & { proposed: ProposedAggregate } {
  const hash = new Uint8Array(32).fill(number);
  const proposal = {
    round: number,
    baseRound: number - 1,
    inputCount: submissions,
    totalWeight: 1,
    baseModelRoot: hash,
    modelRoot: hash,
    modelCid: hash,
    inputsCid: hash,
    inputsRoot: hash,
    columnsRoot: hash,
    omittedHash: hash,
    reputations: hash,
    rule: 0,
    trimBasisPoints: 0,
  };
  return {
    number,
    baseRound: number - 1,
    edition: 0,
    earlierEditions: [],
    expectedTrainers: submissions,
    openedBlock: 0,
    submissionDeadline: 0,
    unserved: new Set<string>(),
    submissions: new Map(Array.from({ length: submissions }, (_, index) => [String(index), {} as never])),
    final: true,
    skipped: false,
    voided: false,
    proposed: {
      id: '0x/1',
      proposer: account,
      proposal,
      omitted: [],
      included: [],
      closesAt: 0,
      proposedAt: 0,
      nextReputations: hash,
      blockNumber: 1,
    },
  };
}

/** Two rounds: the first from 100 to 110 with training from 101 to 107, the second to 115 with training from 111 to 113. */
function exampleRows() {
  const tally = createTally();
  const trained = (round: number, startedAt: number, endedAt: number, at: number) =>
    ({ event: 'trained', round, startedAt, endedAt, samples: 1, loss: 0, at }) as const;
  tally.observe('aggregator 1', { event: 'started', role: 'aggregator', account, endpoint: null, folder: '', at: 90 });
  tally.observe('trainer 1', { event: 'roundStarted', round: 1, baseRound: 0, at: 100 });
  tally.observe('trainer 2', { event: 'roundStarted', round: 1, baseRound: 0, at: 100.5 });
  tally.observe('trainer 1', trained(1, 101, 105, 105));
  tally.observe('trainer 2', trained(1, 103, 107, 107));
  tally.proposed(proposedRound(1, 2), { updateBytes: 1000, modelBytes: 2000 }, 'cid-1', 110);
  tally.observe('watchtower 1', { event: 'verified', round: 1, proposer: account, seconds: 1, at: 111 });
  tally.setGas(1, { submissions: [30_000, 40_000], others: 200_000 });
  tally.setQuality(1, 0.5, 0.5);
  tally.observe('trainer 1', trained(2, 111, 113, 113));
  tally.observe('aggregator 1', {
    event: 'proposed',
    round: 2,
    modelRoot: '',
    modelCid: '',
    gas: 1,
    bytes: 1,
    at: 115,
  });
  tally.proposed(proposedRound(2, 2), { updateBytes: 1000, modelBytes: 2000 }, 'cid-2', 116);
  tally.setGas(2, { submissions: [30_000, 30_000], others: 100_000 });
  tally.setQuality(2, 0.75, 0.75);
  return tally.rows();
}

describe('the costs of rounds', () => {
  it('are shown of proposed rounds only', () => {
    const tally = createTally();
    tally.observe('trainer 1', { event: 'roundStarted', round: 1, baseRound: 0, at: 1 });
    expect(tally.rows()).to.deep.equal([]);
  });

  it('count a round from the proposal before to its own, and as training while anyone trains', () => {
    const [first, second] = exampleRows();
    expect(first).to.include({ seconds: 10, trainingSeconds: 6, overheadSeconds: 4 });
    expect(second).to.include({ seconds: 5, trainingSeconds: 2, overheadSeconds: 3 });
  });

  it('count the gas of all transactions, and the bytes of all that was published', () => {
    const [first] = exampleRows();
    expect(first).to.include({ gas: 270_000, gasPerSubmission: 35_000, bytes: 4000 + inputsListBytes(2) });
    expect(first).to.include({ proposer: 'aggregator 1', modelRoot: `0x${'01'.repeat(32)}`, modelCid: 'cid-1' });
    expect(first!.verifiedBy).to.deep.equal(['watchtower 1']);
  });

  it('forget a proposal that was voided, and count another of the same round anew', () => {
    const other = `0x${'b2'.repeat(20)}`;
    const sizes = { updateBytes: 1000, modelBytes: 2000 };
    const by = (proposer: string) => {
      const round = proposedRound(1, 2);
      return { ...round, proposed: { ...round.proposed, proposer } };
    };
    const tally = createTally();
    const at = (time: number) =>
      ({ event: 'proposed', round: 1, modelRoot: '', modelCid: '', gas: 1, bytes: 1, at: time }) as const;
    tally.observe('cheat', {
      event: 'started',
      role: 'aggregator',
      account: other,
      endpoint: null,
      folder: '',
      at: 90,
    });
    tally.observe('aggregator 1', {
      event: 'started',
      role: 'aggregator',
      account,
      endpoint: null,
      folder: '',
      at: 90,
    });
    tally.observe('trainer 1', { event: 'roundStarted', round: 1, baseRound: 0, at: 100 });
    tally.observe('cheat', at(110));
    tally.observe('watchtower 1', { event: 'verified', round: 1, proposer: other, seconds: 1, at: 111 });
    tally.proposed(by(other), sizes, 'cid-1', 112);
    tally.proposed(proposedRound(2, 2), sizes, 'cid-2', 113);
    tally.setQuality(1, 0.1, 0.1);
    tally.keepOnly([by(other), proposedRound(2, 2)]);
    expect(tally.rows().map(({ round, accuracy }) => [round, accuracy])).to.deep.equal([
      [1, 0.1],
      [2, null],
    ]);

    tally.keepOnly([]);
    expect(tally.rows()).to.deep.equal([]);
    tally.observe('aggregator 1', at(120));
    tally.proposed(by(account), sizes, 'cid-1b', 121);
    const [row] = tally.rows();
    expect(row).to.include({ accuracy: null, proposer: 'aggregator 1', seconds: 20, modelCid: 'cid-1b' });
    expect(row!.verifiedBy).to.deep.equal([]);
  });

  it("have the task's own metric where it is another than accuracy", () => {
    const tally = createTally();
    const sizes = { updateBytes: 1, modelBytes: 1 };
    tally.compareBy('rmse');
    for (const round of [1, 2]) tally.proposed(proposedRound(round, 1), sizes, 'cid', 1);
    tally.setQuality(1, Number.NaN, 4.5);
    expect(tally.rows().map(({ metric }) => metric)).to.deep.equal([
      { name: 'rmse', value: 4.5 },
      { name: 'rmse', value: null },
    ]);
    // another proposal is another model
    tally.keepOnly([]);
    tally.proposed(proposedRound(1, 1), sizes, 'cid', 2);
    expect(tally.rows()[0]!.metric).to.deep.equal({ name: 'rmse', value: null });
  });

  it('are added up in the summary', () => {
    const summary = summarise(exampleRows(), { trainers: 2 } as never);
    expect(summary).to.include({
      rounds: 2,
      trainers: 2,
      wallSeconds: 15,
      trainingSeconds: 8,
      gasPerSubmission: 32_500,
    });
    expect(summary).to.include({ bytesPerUpdate: 1000, gasTotal: 430_000, modelCid: 'cid-2' });
    expect(summary.overheadShare).to.be.closeTo(7 / 15, 1e-12);
    expect(summary.accuracy).to.deep.equal([0.5, 0.75]);
    expect(summary).not.to.have.property('metric');
  });
});
