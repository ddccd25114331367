import { expect } from 'chai';
import { toHex } from '../../client/core/hash.ts';
import { omittedHash } from '../../client/core/inputs.ts';
import { type Founded, found, parameters } from './deployment.ts';
import { proposalFor, proposeAs, submit, turnHolderOf } from './round.ts';
import { skip } from './skippedRound.ts';

const { submissionSeconds, challengeSeconds } = parameters;

describe('Federation.reportUnserved', () => {
  let founded: Founded;
  let restore: () => Promise<void>;

  before(async () => {
    founded = await found(5, 1);
    ({ restore } = await founded.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  /** A round that does without the updates of the first `left` trainers; final unless it is to wait. */
  async function leaveOut(left = 1, final = true) {
    const { federation, trainers, aggregators, time } = founded;
    const members = await Promise.all(trainers.map(({ address }) => federation.isTrainer(address)));
    const present = trainers.filter((_, index) => members[index]);
    await submit(federation, ...present);
    await time.increase(submissionSeconds);
    const omitted = trainers
      .slice(0, left)
      .map(({ address }) => address)
      .sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const plain = await proposalFor(federation, present.length - left);
    const proposal = { ...plain, omittedHash: toHex(omittedHash(omitted)) };
    await proposeAs(federation, await turnHolderOf(federation, aggregators), proposal, aggregators, omitted);
    if (final) {
      await time.increase(challengeSeconds);
      await federation.finalizeRound(proposal.round);
    }
    return { proposal, omitted };
  }

  it('refuses an account that is no trainer, a round that is not final, another proposal, and a trainer not in its list', async () => {
    const { federation, trainers, stranger, time } = founded;
    const { proposal, omitted } = await leaveOut(2, false);
    const [first, second, served] = trainers.map(({ address }) => address) as [string, string, string];
    await expect(federation.reportUnserved(proposal, omitted, stranger.address))
      .to.be.revertedWithCustomError(federation, 'NotATrainer')
      .withArgs(stranger.address);
    await expect(federation.reportUnserved(proposal, omitted, first))
      .to.be.revertedWithCustomError(federation, 'NotFinal')
      .withArgs(1);
    await time.increase(challengeSeconds);
    await federation.finalizeRound(1);
    for (const round of [0n, 2n, 5n]) {
      await expect(federation.reportUnserved({ ...proposal, round }, omitted, first), 'it has submitted nothing')
        .to.be.revertedWithCustomError(federation, 'NotUnserved')
        .withArgs(first, round);
    }
    await expect(federation.reportUnserved({ ...proposal, totalWeight: 7n }, omitted, first))
      .to.be.revertedWithCustomError(federation, 'AnotherProposal')
      .withArgs(1);
    for (const [list, trainer] of [
      [omitted, served],
      [[served], served],
      [[first], first],
      [[], first],
    ] as const) {
      await expect(federation.reportUnserved(proposal, [...list], trainer))
        .to.be.revertedWithCustomError(federation, 'NotUnserved')
        .withArgs(trainer, 1);
    }
    await federation.reportUnserved(proposal, omitted, second);
  });

  it('marks a trainer in the list once for a round, and never for an older round', async () => {
    const { federation, trainers } = founded;
    const [first, second] = trainers.map(({ address }) => address) as [string, string];
    const older = await leaveOut(2);
    const { proposal, omitted } = await leaveOut(2);
    for (const trainer of [first, second]) {
      await expect(federation.reportUnserved(proposal, omitted, trainer))
        .to.emit(federation, 'TrainerUnserved')
        .withArgs(trainer, 2, 1);
    }
    for (const [again, round] of [
      [proposal, 2],
      [older.proposal, 1],
    ] as const) {
      await expect(federation.reportUnserved(again, omitted, first))
        .to.be.revertedWithCustomError(federation, 'NotUnserved')
        .withArgs(first, round);
    }
    expect(await federation.isTrainer(first)).to.equal(true);
  });

  it('removes a trainer at the third mark, as one that was absent, and begins anew', async () => {
    const { federation, trainers, time } = founded;
    const { address } = trainers[0]!;
    for (let mark = 1; mark <= 2; mark++) {
      const { proposal, omitted } = await leaveOut();
      await expect(federation.reportUnserved(proposal, omitted, address))
        .to.emit(federation, 'TrainerUnserved')
        .withArgs(address, mark, mark)
        .and.to.not.emit(federation, 'TrainerAbsent');
    }
    const { proposal, omitted } = await leaveOut();
    const at = (await time.latest()) + 10;
    await time.setNextBlockTimestamp(at);
    await expect(federation.reportUnserved(proposal, omitted, address))
      .to.emit(federation, 'TrainerUnserved')
      .withArgs(address, 3, 3)
      .and.to.emit(federation, 'TrainerAbsent')
      .withArgs(address, 3, at + 2 * submissionSeconds);
    expect(await federation.isTrainer(address)).to.equal(false);
    await time.increaseTo(at + 2 * submissionSeconds);
    await federation.connect(trainers[0]!).joinAsTrainer();
    await skip(founded);
    const later = await leaveOut();
    await expect(federation.reportUnserved(later.proposal, later.omitted, address))
      .to.emit(federation, 'TrainerUnserved')
      .withArgs(address, 5, 1);
  });

  it('forgets marks of more than sixteen rounds ago', async () => {
    const { federation, trainers, networkHelpers } = founded;
    const { address } = trainers[0]!;
    const first = await leaveOut();
    await federation.reportUnserved(first.proposal, first.omitted, address);
    for (let round = 2; round <= 16; round++) await skip(founded);
    const snapshot = await networkHelpers.takeSnapshot();
    for (const [skipped, marks] of [
      [0, 2],
      [1, 1],
    ]) {
      for (let more = 0; more < skipped!; more++) await skip(founded);
      const { proposal, omitted } = await leaveOut();
      await expect(federation.reportUnserved(proposal, omitted, address))
        .to.emit(federation, 'TrainerUnserved')
        .withArgs(address, 17 + skipped!, marks);
      await snapshot.restore();
    }
  });
});
