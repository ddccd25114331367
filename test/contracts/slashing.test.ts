import { expect } from 'chai';
import { aggregatorBondWei, bond, type Founded, found, trainerStakeWei } from './deployment.ts';
import { asChallenges, playFault, proposeFault, voidFault } from './faults.ts';
import { playRound, propose, submission, submit, turnHolderOf } from './round.ts';

/** Everything that was ever deposited is bonded, unbonding, owed or waits to be settled. */
async function expectConserved({ token, stake, federation, accounts }: Founded): Promise<void> {
  let wei = await stake.slashedWei();
  for (const { address } of accounts) {
    wei += (await stake.bondedWei(federation, address)) + (await stake.unbondingWei(federation, address));
    wei += await stake.owedWei(address);
  }
  expect(await token.balanceOf(stake)).to.equal(wei);
}

describe('Federation.voidProposal, what it takes', () => {
  it('slashes a proposer that has left, also its stake while that unbonds', async () => {
    const founded = await found();
    const { federation, stake, time } = founded;
    const { proposal, proposer } = await playFault(founded);
    await federation.connect(proposer).leaveAsAggregator();
    await stake.connect(proposer).requestUnbond(federation, aggregatorBondWei);
    await time.increase(5000);
    await expect(stake.connect(proposer).withdraw(federation)).to.be.revertedWithCustomError(stake, 'StakeLocked');
    await voidFault(founded, proposal);
    expect(await stake.unbondingWei(federation, proposer.address)).to.equal(0);
    await expectConserved(founded);
  });

  it('owes the challenger the share that the parameter says, and never the proposer itself', async () => {
    const founded = await found(3, 3, { parameters: { challengerBasisPoints: 3333 } });
    const { federation, stake, stranger, trainers } = founded;
    const challenges = await asChallenges(founded);
    await submit(federation, ...trainers);
    const first = await proposeFault(founded, 3);
    await expect(challenges.voidProposal(first.proposal, stranger.address))
      .to.emit(stake, 'StakeSlashed')
      .withArgs(await federation.getAddress(), first.proposer.address, stranger.address, 1000, 333);
    const second = await proposeFault(founded, 3);
    await expect(challenges.voidProposal(second.proposal, second.proposer.address))
      .to.emit(stake, 'StakeSlashed')
      .withArgs(await federation.getAddress(), second.proposer.address, second.proposer.address, 1000, 0);
    expect(await stake.slashedWei()).to.equal(667 + 1000);
    expect(await stake.owedWei(stranger.address)).to.equal(333);
    await expectConserved(founded);
    await stake.settleSlashed();
    await stake.connect(stranger).claimOwed();
    await expectConserved(founded);
  });

  it('leaves a proposer that also trains its place as a trainer', async () => {
    const founded = await found();
    const { federation, stake, aggregators } = founded;
    // after the next round it is the turn of the other
    const holder = await turnHolderOf(federation, aggregators);
    const both = aggregators.find((aggregator) => aggregator !== holder)!;
    await bond(founded, both, trainerStakeWei);
    await federation.connect(both).joinAsTrainer();
    await playRound(federation, founded.trainers, aggregators);
    await federation.connect(both).submitUpdate(...submission(both.address, 2));
    await submit(federation, ...founded.trainers);
    const { proposal, proposer } = await proposeFault(founded, 4);
    expect(proposer.address).to.equal(both.address);
    await voidFault(founded, proposal);
    expect(await federation.isAggregator(both.address)).to.equal(false);
    expect(await federation.isTrainer(both.address)).to.equal(true);
    expect(await stake.bondedWei(federation, both.address)).to.equal(trainerStakeWei);
  });
});

describe('Federation.slashTrainer and slashSigner', () => {
  it('take stake once for what an account did in one round', async () => {
    const founded = await found();
    const { federation, stake, trainers, aggregators, stranger } = founded;
    const challenges = await asChallenges(founded);
    const [trainer, aggregator] = [trainers[0]!.address, aggregators[0]!.address];
    await bond(founded, trainers[0]!, trainerStakeWei);
    await challenges.slashTrainer(trainer, 1, stranger.address);
    await challenges.slashSigner(aggregator, 1, stranger.address);
    await expect(challenges.slashTrainer(trainer, 1, stranger.address))
      .to.be.revertedWithCustomError(federation, 'AlreadySlashed')
      .withArgs(trainer, 1);
    await expect(challenges.slashSigner(aggregator, 1, stranger.address))
      .to.be.revertedWithCustomError(federation, 'AlreadySlashed')
      .withArgs(aggregator, 1);
    expect(await stake.owedWei(stranger.address)).to.equal((trainerStakeWei + aggregatorBondWei) / 2n);
    await challenges.slashTrainer(trainer, 2, stranger.address);
    expect(await stake.bondedWei(federation, trainer)).to.equal(0);
    await expectConserved(founded);
  });

  it('remove a trainer, whose submission stands, and let it join again for a new stake', async () => {
    const founded = await found(4);
    const { federation, stake, trainers, stranger } = founded;
    const challenges = await asChallenges(founded);
    await submit(federation, ...trainers);
    const slot = await federation.submissionSlot(trainers[0]!.address, 1);
    await expect(challenges.slashTrainer(trainers[0]!.address, 1, stranger.address))
      .to.emit(federation, 'TrainerLeft')
      .withArgs(trainers[0]!.address);
    expect(await federation.trainerCount()).to.equal(3);
    expect(await federation.submissionSlot(trainers[0]!.address, 1)).to.equal(slot | (1n << 255n));
    await expect(federation.connect(trainers[0]!).joinAsTrainer())
      .to.be.revertedWithCustomError(federation, 'InsufficientStake')
      .withArgs(0, trainerStakeWei);
    await bond(founded, trainers[0]!, trainerStakeWei);
    await federation.connect(trainers[0]!).joinAsTrainer();
    expect(await federation.submissionSlot(trainers[0]!.address, 1)).to.equal(slot);
    expect(await stake.bondedWei(federation, trainers[0]!.address)).to.equal(trainerStakeWei);
  });

  it('leave the open round waiting for one trainer fewer, whether the slashed one has submitted to it or not', async () => {
    const founded = await found(5);
    const { federation, trainers, aggregators, stranger } = founded;
    const challenges = await asChallenges(founded);
    await playRound(federation, trainers, aggregators);
    await submit(federation, ...trainers.slice(1));
    await challenges.slashTrainer(trainers[0]!.address, 1, stranger.address);
    expect((await federation.clock()).expectedTrainers).to.equal(4);
    await challenges.slashTrainer(trainers[1]!.address, 2, stranger.address);
    expect((await federation.clock()).expectedTrainers).to.equal(3);
    await propose(federation, aggregators, 3);
  });

  it('discard what a trainer that is slashed for an earlier round has submitted to the open one, once', async () => {
    const founded = await found(5);
    const { federation, trainers, aggregators, stranger } = founded;
    const challenges = await asChallenges(founded);
    await playRound(federation, trainers, aggregators);
    await playRound(federation, trainers, aggregators);
    await submit(federation, ...trainers);
    const [cheat] = trainers;
    for (const [round, isNew] of [
      [2, true],
      [1, false],
    ] as const) {
      const slashed = await challenges.slashTrainer(cheat!.address, round, stranger.address);
      await expect(slashed).to.emit(federation, 'TrainerSlashed').withArgs(cheat!.address, round, 1);
      const logs = await federation.queryFilter(
        federation.filters.TrainerSlashed(cheat!.address, 3),
        slashed.blockNumber!,
      );
      expect(logs).to.have.length(isNew ? 1 : 0);
      expect((await federation.clock()).expectedTrainers).to.equal(4);
    }
    expect(await federation.isTrainerSlashed(cheat!.address, 3)).to.equal(true);
    await expect(challenges.slashTrainer(cheat!.address, 3, stranger.address)).to.be.revertedWithCustomError(
      federation,
      'AlreadySlashed',
    );
    await propose(federation, aggregators, 4);
  });

  it('end a second role for which too little stake is left', async () => {
    const founded = await found();
    const { federation, aggregators, stranger } = founded;
    const both = aggregators[0]!;
    const challenges = await asChallenges(founded);
    await bond(founded, both, trainerStakeWei);
    await federation.connect(both).joinAsTrainer();
    await expect(challenges.slashTrainer(both.address, 1, stranger.address)).to.not.emit(federation, 'AggregatorLeft');
    await expect(challenges.slashTrainer(both.address, 2, stranger.address))
      .to.emit(federation, 'AggregatorLeft')
      .withArgs(both.address);
    expect(await federation.requiredStakeWei(both.address)).to.equal(0);
    await expectConserved(founded);
  });

  it('take nothing, and do not fail, where there is no stake', async () => {
    const founded = await found();
    const { federation, stake, stranger, accounts } = founded;
    const challenges = await asChallenges(founded);
    await expect(challenges.slashTrainer(accounts[15]!.address, 1, stranger.address))
      .to.emit(stake, 'StakeSlashed')
      .withArgs(await federation.getAddress(), accounts[15]!.address, stranger.address, 0, 0);
    await challenges.slashSigner(accounts[15]!.address, 1, stranger.address);
    expect(await stake.owedWei(stranger.address)).to.equal(0);
  });
});
