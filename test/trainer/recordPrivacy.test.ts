import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { decodeManifest, encodeManifest, type TaskManifest } from '../../client/core/task.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import type { Participant } from '../../client/participant/participant.ts';
import { accountOf, decodeLedger } from '../../client/privacy/accounting/ledger.ts';
import { type KeptFiles, keepInMemory } from '../../client/storage/keptFiles.ts';
import { openRecordPrivacy, parseRecordPrivacy } from '../../client/trainer/recordPrivacy.ts';
import { expectRejection } from '../governance/expectCode.ts';

const account = '0x00000000000000000000000000000000000000aa';
const manifest: TaskManifest = decodeManifest(
  new TextEncoder().encode(
    JSON.stringify({
      format: 'tributary-task/1',
      name: 'digits',
      model: { kind: 'logistic', inputShape: [4], classes: 2 },
      training: { learningRate: 0.1, epochs: 2, batchSize: 50 },
      seed: '1',
    }),
  ),
);
const samples = 1000;

/** A trainer whose account has submitted to these rounds. */
function trainerOf(files: KeptFiles, submitted: number[], events: NodeEvent[] = []): Participant {
  const rounds = new Map(submitted.map((number) => [number, { number, submissions: new Map([[account, {}]]) }]));
  return {
    addresses: { chainId: 31_337, federation: '0xfe' },
    account,
    federation: { state: { rounds } },
    report: (event: NodeEvent) => events.push(event),
    files: async () => files,
  } as unknown as Participant;
}

describe('privacy of records', () => {
  const budget = { epsilon: 6, delta: 1e-5, rounds: 3, clipNorm: 0.5 };

  it('is asked for in a few words, and refused with the field that is wrong', () => {
    expect(parseRecordPrivacy('epsilon=8', 5)).to.deep.equal({ epsilon: 8, delta: 1e-5, rounds: 5, clipNorm: 1 });
    expect(parseRecordPrivacy('epsilon=2, delta=1e-6,rounds=7,clipNorm=0.3')).to.deep.equal({
      epsilon: 2,
      delta: 1e-6,
      rounds: 7,
      clipNorm: 0.3,
    });
    for (const [text, message] of [
      ['epsilon=8', /--record-dp\.rounds/],
      ['epsilon=0,rounds=3', /--record-dp\.epsilon/],
      ['epsilon=8,rounds=3,sigma=1', /sigma/],
      ['eight', /--record-dp/],
    ] as const) {
      expect(() => parseRecordPrivacy(text), text).to.throw(TributaryError, message);
    }
  });

  it('costs nothing and does nothing where nobody wants it', async () => {
    const files = keepInMemory();
    const keeper = openRecordPrivacy(trainerOf(files, [1, 2]), undefined);
    expect(await keeper.spend(3, manifest, samples)).to.equal(undefined);
    expect(await files.names()).to.deep.equal([]);
  });

  it('is written down before a round is trained, and keeps to its budget over all rounds', async () => {
    const files = keepInMemory();
    const events: NodeEvent[] = [];
    const submitted: number[] = [];
    for (const round of [1, 2, 3]) {
      const keeper = openRecordPrivacy(trainerOf(files, submitted, events), budget); // a process of its own each
      const privacy = (await keeper.spend(round, manifest, samples))!;
      expect(privacy.clipNorm).to.equal(0.5);
      expect(decodeLedger((await files.read('ledger.json'))!)).to.have.lengthOf(round);
      submitted.push(round);
    }
    const spendings = decodeLedger((await files.read('ledger.json'))!);
    expect(new Set(spendings.map(({ noiseMultiplier }) => noiseMultiplier)).size).to.equal(1);
    expect(spendings[0]).to.deep.include({ federation: '31337/0xfe', samplingRate: 0.05, times: 40 });
    const { spent } = accountOf(spendings, budget);
    expect(spent).to.be.within(0.99 * budget.epsilon, budget.epsilon);
    expect(events.at(-1)).to.deep.include({ event: 'privacySpent', round: 3, epsilon: spent, budget: 6 });

    await expectRejection(
      openRecordPrivacy(trainerOf(files, submitted), budget).spend(4, manifest, samples),
      'PRIVACY_BUDGET_SPENT',
      /Round 4 would spend .* of 6/,
    );
    expect(decodeLedger((await files.read('ledger.json'))!)).to.have.lengthOf(3);
  }).timeout(60_000);

  it('of a round that is trained again is spent again, and the rest of the budget holds', async () => {
    const files = keepInMemory();
    const keeper = openRecordPrivacy(trainerOf(files, []), budget);
    await keeper.spend(1, manifest, samples);
    await keeper.spend(1, manifest, samples); // killed between training and submitting
    expect(decodeLedger((await files.read('ledger.json'))!).map(({ round }) => round)).to.deep.equal([1, 1]);
  }).timeout(60_000);

  it('gets other noise where a vote has changed the plan, and the budget holds all the same', async () => {
    const files = keepInMemory();
    const keeper = openRecordPrivacy(trainerOf(files, []), budget);
    const before = (await keeper.spend(1, manifest, samples))!;
    const changed = { ...manifest, training: { ...manifest.training, epochs: 6 } };
    const after = (await keeper.spend(2, changed, samples))!;
    expect(after.noiseMultiplier).to.be.above(before.noiseMultiplier);
    await keeper.spend(3, changed, samples);
    const { spent } = accountOf(decodeLedger((await files.read('ledger.json'))!), budget);
    expect(spent).to.be.at.most(budget.epsilon);
  }).timeout(60_000);

  it('is what the task asks of all, or what a trainer wants, whichever protects more', async () => {
    const asked: TaskManifest = {
      ...manifest,
      training: { ...manifest.training, recordPrivacy: { epsilon: 4, delta: 1e-5, rounds: 2, clipNorm: 0.7 } },
    };
    expect(decodeManifest(encodeManifest(asked))).to.deep.equal(asked);
    const events: NodeEvent[] = [];
    const privacy = await openRecordPrivacy(trainerOf(keepInMemory(), [], events), budget).spend(1, asked, samples);
    expect(privacy!.clipNorm).to.equal(0.7);
    expect(events[0]).to.deep.include({ event: 'privacySpent', budget: 4 });
  }).timeout(60_000);

  it('is not stated where the chain knows of more than the ledger, or the ledger is damaged', async () => {
    const behind = openRecordPrivacy(trainerOf(keepInMemory(), [1]), budget).spend(2, manifest, samples);
    await expectRejection(behind, 'PRIVACY_LEDGER_BEHIND', /for round 1 that the ledger/);
    const damaged = keepInMemory();
    await damaged.write('ledger.json', new TextEncoder().encode('{}'));
    await damaged.setAside('ledger.json', 'it is not as it was written');
    const lost = openRecordPrivacy(trainerOf(damaged, []), budget).spend(1, manifest, samples);
    await expectRejection(lost, 'PRIVACY_LEDGER_BEHIND', /put it back from a backup/);
  });
});
