/** Copies within one round: possible only where it is open again after others have shown their updates. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import type { VerifiedUpdate } from '../../../client/core/columns.ts';
import { toHex } from '../../../client/core/hash.ts';
import { asChallenges } from '../faults.ts';
import { proposalFor, proposeAs, turnHolderOf } from '../round.ts';
import { proposeStaged, type Staged, stage, submitVerified } from '../stagedRound.ts';

type Submission = Staged['submissions'][0];

describe('TrainerChallenges.refuteCopy, within a round', () => {
  let staged: Staged;
  let author: HardhatEthersSigner;
  let original: VerifiedUpdate;
  let restore: () => Promise<void>;

  before(async () => {
    // round 2 is open
    staged = await stage({ count: 4, dimension: 1024, aggregators: 4 });
    await proposeStaged(staged);
    author = staged.trainers[1]!;
    original = { ...staged.updates[0]!, trainer: author.address };
    ({ restore } = await staged.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const submit = (trainer: HardhatEthersSigner, update = original) =>
    submitVerified(staged, trainer, { ...update, trainer: trainer.address }, 2);

  const refute = async (first: Submission, second: Submission) => {
    const { challenges, federation, stranger } = staged;
    const contract = challenges.trainers.connect(stranger);
    return await contract.refuteCopy(federation, first, second, toHex(original.updateRoot));
  };

  /** Round 2 is proposed before its deadline, voided, and open again. */
  async function reopen(): Promise<void> {
    const { federation, aggregators } = staged;
    const proposal = await proposalFor(federation, 4);
    await proposeAs(federation, await turnHolderOf(federation, aggregators), proposal, aggregators);
    const judge = await asChallenges(staged);
    await judge.voidProposal(proposal, ZeroAddress);
    expect((await federation.clock()).round).to.equal(2);
  }

  const refuses = async (first: Submission, second: Submission) => {
    await expect(refute(first, second))
      .to.be.revertedWithCustomError(staged.challenges.trainers, 'NotACopy')
      .withArgs(2, 2);
  };

  it('refuses two that were in time, two that were late, and the early one of both', async () => {
    const [first, second, third, fourth] = staged.trainers as [
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
      HardhatEthersSigner,
    ];
    const early = [await submit(first), await submit(second)] as const;
    await refuses(...early);
    await refuses(early[1], early[0]);
    await reopen();
    const late = [await submit(third), await submit(fourth)] as const;
    await refuses(...late);
    await refuses(late[0], early[0]);
    await refuses(early[0], early[0]);
  });

  it('takes the stake of who submitted it late, and of nobody else', async () => {
    const { federation } = staged;
    const early = await submit(author);
    await reopen();
    const copier = staged.trainers[2]!;
    const copy = await submit(copier);
    await expect(refute(early, copy)).to.emit(federation, 'TrainerSlashed').withArgs(copier.address, 2);
    expect(await federation.isTrainer(copier.address)).to.equal(false);
    expect(await federation.isTrainer(author.address)).to.equal(true);
    // the round is open: what was attested of it before need not be right
    expect((await federation.clock()).edition).to.equal(2);
    expect((await federation.clock()).expectedTrainers).to.equal(3);
  });

  it('knows a copy from an earlier round whenever it comes', async () => {
    const { federation, submissions, updates } = staged;
    await reopen();
    const copier = staged.trainers[2]!;
    const copy = await submit(copier, updates[0]!);
    await refute(submissions[0]!, copy);
    expect(await federation.isTrainer(copier.address)).to.equal(false);
  });
});
