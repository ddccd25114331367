import { expect } from 'chai';
import { id as hashOf, ZeroAddress, ZeroHash } from 'ethers';
import { parameters, rewardParameters } from '../deployment.ts';
import { playRound } from '../round.ts';
import {
  callOf,
  decide,
  deploySystem,
  fieldsOf,
  nameBytes,
  pass,
  running,
  type System,
  setParameter,
} from './system.ts';

const week = 7 * 24 * 3600;
const year = 365n * 24n * 3600n;

/** Name, a value out of bounds, the bounds as the error says them. */
const federationBounds: [string, bigint, bigint, bigint][] = [
  ['trainerStakeWei', 0n, 1n, 2n ** 128n - 1n],
  ['trainerStakeWei', 2n ** 128n, 0n, 2n ** 128n - 1n],
  ['aggregatorBondWei', 0n, 1n, 2n ** 128n - 1n],
  ['submissionSeconds', 0n, 1n, year],
  ['submissionSeconds', year + 1n, 1n, year],
  ['submissionSeconds', 2n ** 32n + 5n, 0n, 2n ** 32n - 1n],
  ['turnSeconds', 0n, 1n, year],
  ['challengeSeconds', year + 1n, 1n, year],
  ['challengeSeconds', 800n, 1_820n, 16n * year],
  ['unbondingSeconds', 1_219n, 1_220n, 16n * year],
  ['minimumUpdates', 65_536n, 0n, 65_535n],
  ['maxWeight', 65_536n, 0n, 65_535n],
  ['maxSquaredNorm', 2n ** 53n, 1n, 2n ** 53n - 1n],
  ['answerSeconds', 0n, 1n, 83n],
  ['answerSeconds', 84n, 1n, 83n],
  ['challengerBasisPoints', 5_001n, 0n, 5_000n],
  ['attestationBasisPoints', 4_999n, 5_000n, 9_999n],
  ['demandBondWei', 2n ** 96n, 0n, 2n ** 96n - 1n],
  ['reputationFloorBasisPoints', 999n, 1_000n, 10_000n],
];
const rewardBounds: [string, bigint, bigint, bigint][] = [
  ['evaluatorStakeWei', 0n, 1n, 2n ** 128n - 1n],
  ['rewardGwei', 10n ** 18n + 1n, 0n, 10n ** 18n],
  ['scoringSeconds', 0n, 1n, year],
  ['revealSeconds', 0n, 1n, year],
  ['publishSeconds', 101n, 1n, 100n],
  ['unbondingSeconds', 999n, 1_000n, 16n * year],
  ['committeeSize', 129n, 1n, 128n],
  ['aggregatorBasisPoints', 5_001n, 0n, 5_000n],
  ['evaluatorBasisPoints', 5_001n, 0n, 5_000n],
  ['missedRevealBasisPoints', 0n, 1n, 10_000n],
  ['demandBondWei', 0n, 1n, 2n ** 96n - 1n],
];

/** As the treasury, without the vote. */
async function owned(system: System) {
  const { ethers, networkHelpers, treasury, policy } = system;
  const owner = await treasury.getAddress();
  await networkHelpers.setBalance(owner, 10n ** 20n);
  return policy.connect(await ethers.getImpersonatedSigner(owner));
}

describe('Policy: what is voted on', () => {
  it('keeps every parameter of the federation within its bounds, and names it', async () => {
    const system = await deploySystem();
    const policy = await owned(system);
    for (const [name, value, least, most] of federationBounds) {
      const wrong = name === 'challengeSeconds' && value === 800n ? 'unbondingSeconds' : name;
      await expect(policy.setFederationParameter(nameBytes(system, name), value), name)
        .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
        .withArgs(wrong, wrong === name ? value : 1_700n, least, most);
    }
    const named = new Set(federationBounds.map(([name]) => name));
    const others = Object.keys(parameters).filter((name) => !named.has(name));
    expect(others).to.deep.equal(['rule', 'trimBasisPoints']);
  });

  it('keeps every parameter of the rewards within its bounds, and names it', async () => {
    const system = await deploySystem();
    const policy = await owned(system);
    for (const [name, value, least, most] of rewardBounds) {
      await expect(policy.setRewardParameter(nameBytes(system, name), value), name)
        .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
        .withArgs(name, value, least, most);
    }
    expect([...new Set(rewardBounds.map(([name]) => name))]).to.have.members(Object.keys(rewardParameters));
  });

  it('keeps the windows of scoring within the challenge window', async () => {
    const system = await deploySystem();
    const policy = await owned(system);
    await expect(policy.setFederationParameter(nameBytes(system, 'challengeSeconds'), 499))
      .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
      .withArgs('publishSeconds', 100, 1, 99);
  });

  it('sets every parameter by its name, and no other', async () => {
    const system = await deploySystem();
    const policy = await owned(system);
    for (const name of Object.keys(parameters)) {
      if (name === 'rule' || name === 'trimBasisPoints') continue;
      const before = fieldsOf(await policy.federationParameters());
      const value =
        BigInt(before[name]!) +
        (/^(challengerBasis|reputationFloorBasis)Points$/.test(name) ? -1n : name === 'challengeSeconds' ? 0n : 1n);
      // what proofs take bounds how long stake is kept
      if (name === 'turnSeconds' || name === 'answerSeconds')
        await policy.setFederationParameter(nameBytes(system, 'unbondingSeconds'), 5_000);
      const unbonding = (await policy.federationParameters()).unbondingSeconds;
      await expect(policy.setFederationParameter(nameBytes(system, name), value))
        .to.emit(policy, 'FederationParameterChosen')
        .withArgs(nameBytes(system, name), value);
      const expected = { ...before, unbondingSeconds: unbonding, [name]: value };
      expect(fieldsOf(await policy.federationParameters()), name).to.deep.equal(expected);
    }
    for (const name of ['rule', 'trimBasisPoints', 'owner', '']) {
      await expect(policy.setFederationParameter(nameBytes(system, name), 1)).to.be.revertedWithCustomError(
        policy,
        'UnknownParameter',
      );
      await expect(policy.setRewardParameter(nameBytes(system, name), 1)).to.be.revertedWithCustomError(
        policy,
        'UnknownParameter',
      );
    }
  });

  it('sets the rule together with its trim', async () => {
    const system = await deploySystem();
    const policy = await owned(system);
    await expect(policy.setRule(2, 0))
      .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
      .withArgs('trimBasisPoints', 0, 1, 4_999);
    await expect(policy.setRule(1, 7))
      .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
      .withArgs('trimBasisPoints', 7, 0, 0);
    await expect(policy.setRule(2, 1_000)).to.emit(policy, 'RuleChosen').withArgs(2, 1_000);
    const { rule, trimBasisPoints } = await policy.federationParameters();
    expect([rule, trimBasisPoints]).to.deep.equal([2n, 1_000n]);
  });

  it('has documents, of which the manifest is never missing', async () => {
    const system = await deploySystem();
    const policy = await owned(system);
    for (const [name, field] of [
      ['manifest', 'manifestCid'],
      ['licence', 'licenceCid'],
      ['terms', 'termsCid'],
    ] as const) {
      await policy.setDocument(nameBytes(system, name), hashOf(`new ${name}`));
      expect((await policy.documents())[field]).to.equal(hashOf(`new ${name}`));
      expect((await policy.documentsInForce())[field]).to.equal(hashOf(`new ${name}`));
    }
    await expect(policy.setDocument(nameBytes(system, 'manifest'), ZeroHash)).to.be.revertedWithCustomError(
      policy,
      'DocumentMissing',
    );
    await policy.setDocument(nameBytes(system, 'terms'), ZeroHash);
    expect((await policy.documents()).termsCid).to.equal(ZeroHash);
    await expect(policy.setDocument(nameBytes(system, 'poem'), ZeroHash)).to.be.revertedWithCustomError(
      policy,
      'UnknownDocument',
    );
  });

  it('is changed by its owner only', async () => {
    const system = await deploySystem();
    const { policy, guardian, stranger, founder } = system;
    const name = nameBytes(system, 'trainerStakeWei');
    for (const account of [stranger, founder, guardian]) {
      const mine = policy.connect(account);
      for (const attempt of [
        () => mine.setFederationParameter(name, 1),
        () => mine.setRewardParameter(name, 1),
        () => mine.setRule(0, 0),
        () => mine.setDocument(nameBytes(system, 'terms'), ZeroHash),
        () => mine.eject(stranger.address),
        () => mine.readmit(stranger.address),
        () => mine.retire(),
        () => mine.allowPause(),
        () => mine.setGuardian(account.address),
      ]) {
        await expect(attempt()).to.be.revertedWithCustomError(policy, 'NotTheOwner').withArgs(account.address);
      }
      await expect(mine.beforeRound(1, true)).to.be.revertedWithCustomError(policy, 'NotTheFederation');
    }
  });
});

describe('Policy: changes at round boundaries', () => {
  it('change nothing in a round that is open or in flight', async () => {
    const system = await running();
    const { federation, policy, trainers, aggregators, time } = system;
    await playRound(federation, trainers, aggregators);
    await pass(system, await callOf(policy, 'setRule', [1, 0]));
    expect((await federation.parameters()).rule).to.equal(0n);
    expect((await federation.clock()).rule).to.equal(0n);
    // round 2 is open, and goes on as it began; no third one opens behind it
    await playRound(federation, trainers, aggregators);
    expect((await federation.clock()).round).to.equal(0n);
    await expect(federation.openRound()).not.to.emit(federation, 'RoundOpened');
    await time.increase(500);
    await federation.finalizeRound(1);
    expect((await federation.clock()).round).to.equal(0n);
    await expect(federation.finalizeRound(2))
      .to.emit(federation, 'ParametersChanged')
      .and.to.emit(policy, 'PolicyInForce');
    const clock = await federation.clock();
    expect([clock.round, clock.rule]).to.deep.equal([3n, 1n]);
    expect((await federation.parameters()).rule).to.equal(1n);
    await expect(federation.openRound()).to.be.revertedWithCustomError(federation, 'RoundOpen').withArgs(3);
  });

  it('take effect at once where no round is open', async () => {
    const system = await deploySystem();
    await pass(system, await setParameter(system, 'trainerStakeWei', 300n));
    expect((await system.federation.parameters()).trainerStakeWei).to.equal(300n);
    expect((await system.policy.halt()).changeWaits).to.equal(false);
  });

  it('take effect with a round that is skipped', async () => {
    const system = await running();
    const { federation, time } = system;
    await pass(system, await setParameter(system, 'maxWeight', 7n));
    expect((await federation.clock()).maxWeight).to.equal(300n);
    await time.increase(10_000);
    await federation.skipRound(1);
    expect((await federation.clock()).maxWeight).to.equal(7n);
  });

  it('take effect together where several wait', async () => {
    const system = await running();
    const { federation, trainers, aggregators, time } = system;
    await pass(system, await setParameter(system, 'minimumUpdates', 3n));
    await pass(system, await setParameter(system, 'maxWeight', 500n));
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await federation.finalizeRound(1);
    const { minimumUpdates, maxWeight } = await federation.parameters();
    expect([minimumUpdates, maxWeight]).to.deep.equal([3n, 500n]);
  });

  it('open a round where fewer updates have become enough', async () => {
    const system = await running();
    const { federation, trainers, time } = system;
    await federation.connect(trainers[0]!).leaveAsTrainer();
    await federation.connect(trainers[1]!).leaveAsTrainer();
    await time.increase(10_000);
    await federation.skipRound(1);
    expect((await federation.clock()).round).to.equal(0n);
    await pass(system, await setParameter(system, 'minimumUpdates', 1n));
    expect((await federation.clock()).round).to.equal(2n);
  });
});

describe('Policy: ejection', () => {
  it('bars at once, removes at the boundary, and leaves the stake to its owner', async () => {
    const system = await running();
    const { federation, policy, stake, trainers, aggregators, time } = system;
    const [trainer] = trainers;
    const [aggregator] = aggregators;
    await pass(
      system,
      await callOf(policy, 'eject', [trainer!.address]),
      await callOf(policy, 'eject', [aggregator!.address]),
    );
    expect(await policy.isBarred(trainer!.address)).to.equal(true);
    expect(await federation.isTrainer(trainer!.address)).to.equal(true);
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await expect(federation.finalizeRound(1))
      .to.emit(federation, 'TrainerLeft')
      .withArgs(trainer!.address)
      .and.to.emit(federation, 'AggregatorLeft')
      .withArgs(aggregator!.address);
    expect(await federation.trainerCount()).to.equal(2n);
    expect((await federation.clock()).expectedTrainers).to.equal(2n);
    for (const [account, joins] of [
      [trainer!, 'joinAsTrainer'],
      [aggregator!, 'joinAsAggregator'],
    ] as const) {
      await expect(federation.connect(account)[joins]())
        .to.be.revertedWithCustomError(federation, 'Barred')
        .withArgs(account.address);
    }
    const bonded = await stake.bondedWei(federation, trainer!.address);
    expect(bonded).to.equal(100n);
    await stake.connect(trainer!).requestUnbond(federation, bonded);
    await time.increase(1_700);
    await stake.connect(trainer!).withdraw(federation);
  });

  it('is undone by readmission, before the boundary and after', async () => {
    const system = await running();
    const { federation, policy, trainers, aggregators, time } = system;
    const owner = await owned(system);
    await owner.eject(trainers[0]!.address);
    await owner.readmit(trainers[0]!.address);
    await owner.eject(trainers[1]!.address);
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await federation.finalizeRound(1);
    expect(await federation.isTrainer(trainers[0]!.address)).to.equal(true);
    expect(await federation.isTrainer(trainers[1]!.address)).to.equal(false);
    await owner.readmit(trainers[1]!.address);
    await federation.connect(trainers[1]!).joinAsTrainer();
    await expect(owner.readmit(trainers[1]!.address)).to.be.revertedWithCustomError(policy, 'NotBarred');
  });

  it('is refused a second time for one account, and only so many wait for a boundary', async () => {
    const system = await running();
    const owner = await owned(system);
    const accounts = Array.from({ length: 17 }, (_, index) => `0x${(index + 1).toString(16).padStart(40, '0')}`);
    for (const account of accounts.slice(0, 16)) await owner.eject(account);
    await expect(owner.eject(accounts[0]!)).to.be.revertedWithCustomError(owner, 'AlreadyBarred');
    await expect(owner.eject(accounts[16]!)).to.be.revertedWithCustomError(owner, 'TooManyEjections').withArgs(16);
  });

  it('is not needed to remove a member whose stake no longer reaches a raised minimum', async () => {
    const system = await running();
    const { federation, policy, trainers, aggregators, time } = system;
    await expect(policy.reportUnderstaked(trainers[0]!.address)).to.be.revertedWithCustomError(policy, 'StakeSuffices');
    await pass(system, await setParameter(system, 'trainerStakeWei', 200n));
    await expect(policy.reportUnderstaked(trainers[0]!.address)).to.be.revertedWithCustomError(policy, 'StakeSuffices');
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await federation.finalizeRound(1);
    await expect(policy.reportUnderstaked(trainers[0]!.address))
      .to.emit(federation, 'TrainerLeft')
      .withArgs(trainers[0]!.address);
    await expect(federation.connect(trainers[0]!).joinAsTrainer()).to.revert(system.ethers);
  });
});

describe('Policy: the guardian', () => {
  it('pauses new rounds, those in flight go on, and anyone opens the next one when it is over', async () => {
    const system = await running();
    const { federation, policy, guardian, trainers, aggregators, time } = system;
    await policy.connect(guardian).pause(week);
    await playRound(federation, trainers, aggregators);
    expect((await federation.clock()).round).to.equal(0n);
    await time.increase(500);
    await federation.finalizeRound(1);
    expect((await federation.clock()).round).to.equal(0n);
    await federation.openRound();
    expect((await federation.clock()).round).to.equal(0n);
    await time.increase(week);
    await federation.connect(system.stranger).openRound();
    expect((await federation.clock()).round).to.equal(2n);
  });

  it('pauses once and no longer than a week, until a vote allows another', async () => {
    const system = await running();
    const { policy, guardian, stranger, time } = system;
    const mine = policy.connect(guardian);
    await expect(policy.connect(stranger).pause(1))
      .to.be.revertedWithCustomError(policy, 'NotTheGuardian')
      .withArgs(stranger.address);
    await expect(mine.pause(week + 1))
      .to.be.revertedWithCustomError(policy, 'PauseTooLong')
      .withArgs(week + 1, week);
    await expect(mine.unpause()).to.be.revertedWithCustomError(policy, 'NotPaused');
    await mine.pause(week);
    await expect(mine.pause(week)).to.be.revertedWithCustomError(policy, 'PauseSpent');
    await time.increase(week + 1);
    await expect(mine.pause(1)).to.be.revertedWithCustomError(policy, 'PauseSpent');
    await expect(mine.allowPause()).to.be.revertedWithCustomError(policy, 'NotTheOwner');
    await pass(system, await callOf(policy, 'allowPause', []));
    await mine.pause(1);
  });

  it('ends its pause, and so does a vote; nobody else', async () => {
    const system = await running();
    const { federation, policy, guardian, stranger, time } = system;
    const owner = await owned(system);
    await policy.connect(guardian).pause(week);
    await time.increase(10_000);
    await federation.skipRound(1);
    expect((await federation.clock()).round).to.equal(0n);
    await expect(policy.connect(stranger).unpause()).to.be.revertedWithCustomError(policy, 'NotTheGuardian');
    await policy.connect(guardian).unpause();
    expect((await federation.clock()).round).to.equal(2n);
    await owner.allowPause();
    await policy.connect(guardian).pause(week);
    await owner.unpause();
    expect((await policy.halt()).pausedUntil).to.equal(0n);
  });

  it('can change and move nothing else', async () => {
    const system = await running();
    const { guardian, policy, federation, rewards, stake, treasury, factory, votingPower, governor, trainers } = system;
    const me = guardian.address;
    for (const attempt of [
      () => federation.connect(guardian).eject(trainers[0]!.address),
      () => federation.connect(guardian).policyChanged(),
      () => federation.connect(guardian).slashTrainer(trainers[0]!.address, 1, me),
      () => stake.connect(guardian).setTreasuryBasisPoints(0),
      () => stake.connect(guardian).claimOwed(),
      () => treasury.connect(guardian).updateDelay(6),
      () => treasury.connect(guardian).schedule(me, 0, '0x', ZeroHash, ZeroHash, 50),
      () => factory.connect(guardian).startTask(ZeroHash),
      () => votingPower.connect(guardian).setFundingTerms(1, 1),
      () => governor.connect(guardian).setVotingDelay(6),
      () => policy.connect(guardian).setGuardian(me),
      () => rewards.connect(guardian).claim(me, 1, 0, []),
    ]) {
      await expect(attempt()).to.revert(system.ethers);
    }
  });

  it('is replaced by a vote', async () => {
    const system = await running();
    const { policy, guardian, stranger } = system;
    await pass(system, await callOf(policy, 'setGuardian', [stranger.address]));
    await expect(policy.connect(guardian).pause(1)).to.be.revertedWithCustomError(policy, 'NotTheGuardian');
    await policy.connect(stranger).pause(1);
    await pass(system, await callOf(policy, 'setGuardian', [ZeroAddress]));
    expect((await policy.halt()).guardian).to.equal(ZeroAddress);
  });
});

describe('Policy: a task that is retired', () => {
  it('ends its rounds, opens no other, and lets everybody go', async () => {
    const system = await running();
    const { federation, policy, stake, trainers, aggregators, time } = system;
    await pass(system, await callOf(policy, 'retire', []));
    await playRound(federation, trainers, aggregators);
    await time.increase(500);
    await federation.finalizeRound(1);
    await federation.openRound();
    expect((await federation.clock()).round).to.equal(0n);
    const { operation } = await decide(system, [await callOf(policy, 'retire', [])]);
    await expect(system.governor.execute(...operation)).to.be.revertedWithCustomError(policy, 'AlreadyRetired');
    await federation.connect(trainers[0]!).leaveAsTrainer();
    await stake.connect(trainers[0]!).requestUnbond(federation, 100n);
    await time.increase(1_700);
    await stake.connect(trainers[0]!).withdraw(federation);
    expect(await stake.bondedWei(federation, trainers[0]!.address)).to.equal(0n);
  });
});
