/** What an archive fetches, says that it lacks, keeps and gives up, as the chain goes on, back, and over proposals that are void. */
import { expect } from 'chai';
import type { CID } from 'multiformats/cid';
import { openArchive } from '../../client/archive/archive.ts';
import { emptyRewardsState } from '../../client/chain/rewardState.ts';
import { emptyState, type Round, type Submission } from '../../client/chain/rounds.ts';
import { digestOfCid } from '../../client/core/cid.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { toHex } from '../../client/core/hash.ts';
import { encodeManifest } from '../../client/core/task.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import type { Participant } from '../../client/participant/participant.ts';
import type { Retention } from '../../client/participant/rounds/retention.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { type KeptFiles, keepInMemory } from '../../client/storage/keptFiles.ts';
import { smallManifest } from '../chain/federation.ts';

const digest = (value: number) => new Uint8Array(32).fill(value);
const [manifestBytes, otherBytes] = ['small', 'other'].map((name) => encodeManifest({ ...smallManifest, name }));
const [manifest, other] = await Promise.all(
  [manifestBytes!, otherBytes!].map(async (bytes) => digestOfCid((await buildDag(bytes)).root)),
);
const genesis = digest(99);
/** Of a round. */
const updateOf = (round: number, trainer: number) => digest(10 * round + trainer);
const modelOf = (round: number) => digest(100 + round);
const inputsOf = (round: number) => digest(150 + round);
const secondsOf = (round: number) => 1000 * round;

/** A chain of rounds whose blobs somebody serves, unless they are lost, and an archive's disk. */
class Stage {
  readonly state = emptyState();
  readonly lost = new Set<string>();
  readonly pinned = new Set<string>();
  readonly said: NodeEvent[] = [];
  readonly files: KeptFiles = keepInMemory();
  readonly asked: string[] = [];
  full = false;
  now = 0;
  step!: () => Promise<boolean>;

  async open(keepUpdates: Retention = 'all', manifestOf = (_round: number) => manifest!): Promise<this> {
    const store = {
      has: async (cid: CID) => this.pinned.has(nameOf(cid)),
      pin: async (cid: CID) => {
        this.asked.push(nameOf(cid));
        if (this.full) throw new TributaryError('DISK_FULL', 'There is no room left.');
        if (!this.lost.has(nameOf(cid))) return this.pinned.add(nameOf(cid));
        throw new TributaryError('BLOB_UNAVAILABLE', 'Nobody has it.', { retryable: true });
      },
      unpin: async (cid: CID) => this.pinned.delete(nameOf(cid)),
      get: async (cid: CID) => {
        if (nameOf(cid) === toHex(manifest!)) return manifestBytes!;
        if (nameOf(cid) === toHex(other!)) return otherBytes!;
        throw new TributaryError('BLOB_UNAVAILABLE', 'Nobody has it.', { retryable: true });
      },
    };
    const node = {
      account: '',
      options: { keepUpdates },
      task: { dimension: 64, genesisModelCid: genesis, manifestCid: manifest },
      addresses: {},
      federation: { state: this.state, chainTime: () => this.now },
      rewards: { state: emptyRewardsState() },
      reputations: async () => undefined,
      files: async () => this.files,
      signal: new AbortController().signal,
      report: (event: NodeEvent) => this.said.push(event),
      store,
    } as unknown as Participant;
    this.step = await openArchive(node, { sync: async () => undefined, inForceIn: manifestOf }, 100);
    return this;
  }

  /** Two trainers have submitted. */
  submit(number: number): Round {
    const submissions = new Map(
      [1, 2].map((trainer): [string, Submission] => {
        const address = `0x${'0'.repeat(39)}${trainer}`;
        return [address, { trainer: address, cid: updateOf(number, trainer), slashed: false } as Submission];
      }),
    );
    const round = {
      number,
      baseRound: [...this.state.rounds.values()].findLast(({ proposed }) => proposed !== undefined)?.number ?? 0,
      edition: number,
      earlierEditions: [],
      expectedTrainers: 2,
      submissionDeadline: secondsOf(number),
      submissions,
      final: false,
      skipped: false,
      voided: false,
    } as unknown as Round;
    this.state.rounds.set(number, round);
    return round;
  }

  propose(number: number, { omitted = 0, modelCid = modelOf(number) } = {}): Round {
    const round = this.state.rounds.get(number) ?? this.submit(number);
    const trainers = [...round.submissions.keys()];
    const included = trainers.slice(omitted);
    round.proposed = {
      id: `${number} ${toHex(modelCid)}`,
      proposer: '0x9',
      proposal: { modelCid, inputsCid: inputsOf(number), inputCount: included.length },
      included,
      omitted: trainers.slice(0, omitted),
      closesAt: secondsOf(number + 1),
    } as never;
    return round;
  }

  finalize(number: number, how: Parameters<Stage['propose']>[1] = {}): void {
    this.propose(number, how).final = true;
    this.state.finalRound = number;
  }

  events<E extends NodeEvent['event']>(name: E): Extract<NodeEvent, { event: E }>[] {
    return this.said.filter((event): event is Extract<NodeEvent, { event: E }> => event.event === name);
  }

  has(...digests: Uint8Array[]): boolean[] {
    return digests.map((one) => this.pinned.has(toHex(one)));
  }
}

function nameOf(cid: CID): string {
  return toHex(digestOfCid(cid));
}

describe('an archive’s work', () => {
  it('fetches updates when their round takes no more submissions, before anybody has proposed it', async () => {
    const stage = await new Stage().open();
    const round = stage.submit(1);
    const late = round.submissions.get(`0x${'0'.repeat(39)}2`)!;
    round.submissions.delete(late.trainer);
    await stage.step();
    expect(stage.asked).to.deep.equal([]);
    round.submissions.set(late.trainer, late);
    await stage.step();
    expect(stage.has(updateOf(1, 1), updateOf(1, 2))).to.deep.equal([true, true]);
    expect(stage.events('archived')).to.deep.equal([]);
  });

  it('keeps of a final round its manifest, the models before and after it, its inputs and every update', async () => {
    const stage = await new Stage().open('all', (round) => (round < 2 ? manifest! : other!));
    stage.finalize(1);
    await stage.step();
    stage.finalize(2);
    await stage.step();
    const named = [genesis, manifest!, other!, ...[1, 2].flatMap((one) => [modelOf(one), inputsOf(one)])];
    const updates = [1, 2].flatMap((one) => [updateOf(one, 1), updateOf(one, 2)]);
    expect([...stage.pinned].sort()).to.deep.equal([...named, ...updates].map(toHex).sort());
    expect(stage.events('archived').map(({ round, blobs }) => [round, blobs])).to.deep.equal([
      [1, 6],
      [2, 6],
    ]);
  });

  it('says loudly what it cannot get, once before the round is final and once after it, and has it when it comes', async () => {
    const stage = await new Stage().open();
    stage.lost.add(toHex(updateOf(1, 2)));
    stage.submit(1);
    for (let look = 0; look < 2; look++) await stage.step();
    stage.propose(1);
    for (let look = 0; look < 2; look++) await stage.step();
    stage.finalize(1);
    for (let look = 0; look < 2; look++) await stage.step();
    stage.finalize(2);
    await stage.step();
    const told = stage.events('notArchived');
    expect(told.map(({ round, what, final }) => [round, what, final])).to.deep.equal([
      [1, 'update', false],
      [1, 'update', true],
    ]);
    for (const { trainer } of told) expect(trainer).to.match(/2$/);
    expect(stage.events('archived').map(({ round }) => round)).to.deep.equal([2]);
    stage.lost.clear();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await stage.step();
    expect(stage.events('archived').map(({ round }) => round)).to.deep.equal([2, 1]);
  });

  it('gives up the model of a void proposal when the chain has gone on, and keeps the updates for the next one', async () => {
    const stage = await new Stage().open();
    stage.propose(1, { modelCid: digest(200) });
    await stage.step();
    expect(stage.has(digest(200))).to.deep.equal([true]);
    const round = stage.state.rounds.get(1)!;
    delete round.proposed;
    round.edition++;
    await stage.step();
    stage.finalize(1);
    await stage.step();
    // a reorganisation may bring it back
    expect(stage.has(digest(200))).to.deep.equal([true]);
    stage.finalize(2);
    await stage.step();
    await stage.step();
    expect(stage.has(digest(200), modelOf(1), updateOf(1, 1))).to.deep.equal([false, true, true]);
    expect(stage.events('released')).to.deep.equal([{ event: 'released', round: 1, blobs: 1 }]);
  });

  it('gives up what was skipped or void, and the updates that a final round did without', async () => {
    const stage = await new Stage().open();
    stage.submit(1);
    await stage.step();
    stage.state.rounds.get(1)!.skipped = true;
    stage.propose(2);
    await stage.step();
    Object.assign(stage.state.rounds.get(2)!, { voided: true, proposed: undefined });
    stage.propose(3);
    await stage.step();
    stage.finalize(3, { omitted: 1 });
    stage.finalize(4);
    await stage.step();
    await stage.step();
    const updates = [1, 2, 3, 4].flatMap((round) => [updateOf(round, 1), updateOf(round, 2)]);
    expect(stage.has(...updates)).to.deep.equal([false, false, false, false, false, true, true, true]);
  });

  it('keeps as many rounds as it is told, or as long, and nothing that a kept round needs is given up with others', async () => {
    const byNumber = await new Stage().open(1);
    const byTime = await new Stage().open({ seconds: 1500 });
    for (const stage of [byNumber, byTime]) {
      for (let round = 1; round <= 3; round++) {
        stage.finalize(round);
        stage.now = secondsOf(round + 1);
        await stage.step();
      }
    }
    // round 2 ended 1000 seconds ago, round 1 2000
    const kept = (stage: Stage) =>
      stage.has(updateOf(1, 1), updateOf(2, 1), updateOf(3, 1), genesis, modelOf(2), manifest!);
    expect(kept(byNumber)).to.deep.equal([false, false, true, false, true, true]);
    expect(kept(byTime)).to.deep.equal([false, true, true, false, true, true]);
    // an update that is the model of a kept round, by its digest
    const named = await new Stage().open(1);
    named.submit(1).submissions.set('0x3', { trainer: '0x3', cid: modelOf(3), slashed: false } as Submission);
    for (const round of [1, 2, 3]) {
      named.finalize(round);
      await named.step();
    }
    expect(named.has(modelOf(3), updateOf(1, 1))).to.deep.equal([true, false]);
  });

  it('gives up nothing of a round that the chain does not know any more, until it has gone on past it', async () => {
    const stage = await new Stage().open();
    stage.finalize(1);
    stage.finalize(2);
    await stage.step();
    stage.state.rounds.clear();
    stage.state.finalRound = 0;
    await stage.step();
    expect(stage.has(modelOf(1), modelOf(2), updateOf(2, 2))).to.deep.equal([true, true, true]);
    stage.finalize(1);
    stage.finalize(2, { modelCid: digest(201) });
    stage.finalize(3);
    await stage.step();
    await stage.step();
    expect(stage.has(modelOf(1), modelOf(2), digest(201))).to.deep.equal([true, false, true]);
  });

  it('goes on where it was when it is started again: says nothing twice, and mends what its disk has lost', async () => {
    const stage = await new Stage().open(2);
    stage.finalize(1);
    stage.finalize(2);
    await stage.step();
    stage.pinned.delete(toHex(updateOf(2, 1)));
    await stage.files.write('2.json', Uint8Array.of(0x7b));
    await stage.open(2);
    stage.finalize(3);
    await stage.step();
    // of round 2 the record is damaged
    expect(stage.events('archived').map(({ round }) => round)).to.deep.equal([1, 2, 2, 3]);
    expect(stage.has(updateOf(1, 1), updateOf(2, 1), updateOf(3, 1))).to.deep.equal([false, true, true]);
  });

  it('ends where there is no room, and does not take that for a blob that nobody has', async () => {
    const stage = await new Stage().open();
    stage.full = true;
    stage.finalize(1);
    const failure = await stage.step().then(
      () => undefined,
      (error: TributaryError) => error.code,
    );
    expect([failure, stage.events('notArchived')]).to.deep.equal(['DISK_FULL', []]);
  });
});
