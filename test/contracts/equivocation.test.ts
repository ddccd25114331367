import { expect } from 'chai';
import { id } from 'ethers';
import { bond, rewardParameters } from './deployment.ts';
import { type Convened, convene } from './electors.ts';
import { joinAsEvaluator } from './rewards/settledRound.ts';
import { attest } from './round.ts';

describe('InputChallenges.refuteSignatures', () => {
  let convened: Convened;
  let restore: () => Promise<void>;
  const roots = [id('inputs'), id('other inputs')] as const;

  before(async () => {
    convened = await convene();
    ({ restore } = await convened.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const signed = async (cheat: Convened['stranger'], edition = 0, round = 1) => {
    const { federation } = convened;
    const [first] = await attest(federation, { round, inputsRoot: roots[0], edition }, [cheat]);
    const [second] = await attest(federation, { round, inputsRoot: roots[1], edition }, [cheat]);
    return [first!, second!] as const;
  };
  const refute = async (cheat: Convened['stranger'], round = 1) => {
    const { challenges, federation, stranger } = convened;
    const contract = challenges.inputs.connect(stranger);
    return await contract.refuteSignatures(federation, round, 0, ...roots, ...(await signed(cheat, 0, round)));
  };

  it('refuses the same inputs twice, two signers, and signatures of another round or of two editions', async () => {
    const { federation, challenges, stranger, aggregators } = convened;
    const contract = challenges.inputs.connect(stranger);
    const [first, second] = await signed(aggregators[0]!);
    const [, other] = await signed(aggregators[1]!);
    const [, later] = await signed(aggregators[0]!, 1);
    await expect(contract.refuteSignatures(federation, 1, 0, roots[0], roots[0], first, first))
      .to.be.revertedWithCustomError(contract, 'SameInputs')
      .withArgs(roots[0]);
    await expect(contract.refuteSignatures(federation, 1, 0, ...roots, first, other))
      .to.be.revertedWithCustomError(contract, 'AnotherSigner')
      .withArgs(other.signer, first.signer);
    for (const [round, edition, attestation] of [
      [2, 0, second],
      [1, 1, second],
      [1, 0, later],
    ] as const) {
      await expect(contract.refuteSignatures(federation, round, edition, ...roots, first, attestation))
        .to.be.revertedWithCustomError(contract, 'WrongSignature')
        .withArgs(first.signer);
    }
  });

  it('refuses rounds that the federation has forgotten, or never opened', async () => {
    const { federation, aggregators, time } = convened;
    for (const round of [0, 2]) {
      await expect(refute(aggregators[0]!, round))
        .to.be.revertedWithCustomError(federation, 'Forgotten')
        .withArgs(round);
    }
    for (let round = 1; round <= 4; round++) {
      await time.increase(5000);
      await federation.skipRound(round);
    }
    await expect(refute(aggregators[0]!)).to.be.revertedWithCustomError(federation, 'Forgotten').withArgs(1);
    await refute(aggregators[0]!, 2);
  });

  it('slashes an aggregator once, and ends the role', async () => {
    const { federation, stake, aggregators } = convened;
    const cheat = aggregators[0]!;
    await refute(cheat);
    expect(await federation.isAggregator(cheat.address)).to.equal(false);
    expect(await federation.isSignerSlashed(cheat.address, 1)).to.equal(true);
    expect(await stake.bondedWei(federation, cheat.address)).to.equal(0);
    await expect(refute(cheat)).to.be.revertedWithCustomError(federation, 'AlreadySlashed').withArgs(cheat.address, 1);
  });

  it('slashes an evaluator by what it must keep, and ends the role', async () => {
    const { federation, rewards, stake, evaluators } = convened;
    const cheat = evaluators[0]!;
    const { evaluatorStakeWei } = rewardParameters;
    await expect(refute(cheat))
      .to.emit(rewards, 'EvaluatorSlashed')
      .withArgs(cheat.address, `0x${'00'.repeat(20)}`, evaluatorStakeWei)
      .and.to.emit(rewards, 'EvaluatorLeft')
      .withArgs(cheat.address);
    expect(await rewards.isEvaluator(cheat.address)).to.equal(false);
    expect(await stake.bondedWei(rewards, cheat.address)).to.equal(0);
    expect(await rewards.evaluatorCount()).to.equal(1);
    await expect(refute(cheat)).to.be.revertedWithCustomError(federation, 'AlreadySlashed');
  });

  it('slashes a signer of both roles in both, and leaves an evaluator in place that has more stake than it must', async () => {
    const { federation, rewards, stake, aggregators } = convened;
    const cheat = aggregators[0]!;
    await joinAsEvaluator(convened, cheat, 250n);
    await bond(convened, cheat, 7n);
    await refute(cheat);
    expect(await federation.isAggregator(cheat.address)).to.equal(false);
    expect(await stake.bondedWei(federation, cheat.address)).to.equal(7);
    expect(await rewards.isEvaluator(cheat.address)).to.equal(true);
    expect(await stake.bondedWei(rewards, cheat.address)).to.equal(150n * 10n ** 18n);
  });

  it('slashes a signer that has left since, and takes nothing of one that never was an elector', async () => {
    const { federation, rewards, stake, aggregators, evaluators, trainers } = convened;
    const [aggregator, evaluator] = [aggregators[0]!, evaluators[0]!];
    await federation.connect(aggregator).leaveAsAggregator();
    await stake.connect(aggregator).requestUnbond(federation, 1000n);
    await refute(aggregator);
    expect(await stake.unbondingWei(federation, aggregator.address)).to.equal(0);
    await rewards.connect(evaluator).leaveAsEvaluator();
    await stake.connect(evaluator).requestUnbond(rewards, rewardParameters.evaluatorStakeWei);
    await refute(evaluator);
    expect(await stake.unbondingWei(rewards, evaluator.address)).to.equal(0);
    const slashed = await stake.slashedWei();
    await refute(trainers[0]!);
    expect(await stake.slashedWei()).to.equal(slashed);
    expect(await federation.isTrainer(trainers[0]!.address)).to.equal(true);
  });

  it('has an evaluator slashed through the federation alone', async () => {
    const { rewards, stranger, evaluators } = convened;
    await expect(rewards.connect(stranger).slashEvaluator(evaluators[0]!.address, stranger.address))
      .to.be.revertedWithCustomError(rewards, 'NotTheFederation')
      .withArgs(stranger.address);
  });
});
