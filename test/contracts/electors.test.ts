import { expect } from 'chai';
import { id } from 'ethers';
import { bond, joinAsAggregator, parameters, rewardParameters } from './deployment.ts';
import { type Convened, convene } from './electors.ts';
import { asChallenges } from './faults.ts';
import { joinAsEvaluator } from './rewards/settledRound.ts';
import { attest, noAnchor, playRound, proposalFor, proposeAs, submit } from './round.ts';

describe('Electors of a round', () => {
  let convened: Convened;
  let restore: () => Promise<void>;

  before(async () => {
    convened = await convene();
    ({ restore } = await convened.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const weight = ({ address }: { address: string }, round = 1) => convened.federation.electorWeight(address, round);

  it('are the aggregators and evaluators that were there when it opened', async () => {
    const { federation, aggregators, evaluators, trainers, stranger } = convened;
    const { aggregators: ofThese, evaluators: ofThose } = await federation.termsOf(1);
    expect([ofThese, ofThose]).to.deep.equal([3n, 2n]);
    for (const elector of [...aggregators, ...evaluators]) {
      expect(await weight(elector)).to.equal(1);
      expect(await weight(elector, 0), 'they joined before round 1').to.equal(0);
    }
    for (const none of [...trainers, stranger]) expect(await weight(none)).to.equal(0);
  });

  it('are none that join after it opened, nor that leave and join again', async () => {
    const { federation, aggregators, evaluators, accounts, rewards, trainers } = convened;
    const [late, lateEvaluator] = [accounts[15]!, accounts[16]!];
    await joinAsAggregator(convened, late);
    await joinAsEvaluator(convened, lateEvaluator);
    const again = [aggregators[2]!, evaluators[0]!] as const;
    await federation.connect(again[0]).leaveAsAggregator();
    await rewards.connect(again[1]).leaveAsEvaluator();
    for (const left of again) {
      expect(await weight(left)).to.equal(0);
      expect(await weight(left, 2)).to.equal(0);
    }
    await federation.connect(again[0]).joinAsAggregator();
    await rewards.connect(again[1]).joinAsEvaluator();
    const newcomers = [late, lateEvaluator, ...again];
    for (const newcomer of newcomers) {
      expect(await weight(newcomer)).to.equal(0);
      expect(await weight(newcomer, 2)).to.equal(1);
    }
    await submit(federation, ...trainers);
    const proposal = await proposalFor(federation, 5);
    for (const newcomer of newcomers) {
      const list = await attest(federation, proposal, [newcomer]);
      await expect(federation.connect(convened.proposer).proposeAggregate(proposal, [], list, noAnchor))
        .to.be.revertedWithCustomError(federation, 'NotAnElector')
        .withArgs(newcomer.address);
    }
  });

  it('wait for no aggregator that has left, and for one once', async () => {
    const { federation, others } = convened;
    await federation.connect(others[0]!).leaveAsAggregator();
    expect((await federation.termsOf(1)).aggregators).to.equal(2);
    expect(await federation.attestationQuorum(1), 'of four').to.equal(3);
    await federation.connect(others[0]!).joinAsAggregator();
    await federation.connect(others[0]!).leaveAsAggregator();
    expect((await federation.termsOf(1)).aggregators, 'who came later was not counted').to.equal(2);
    await federation.connect(others[1]!).leaveAsAggregator();
    expect(await federation.attestationQuorum(1), 'of three').to.equal(2);
  });

  it('count twice in two roles, also as the proposer', async () => {
    const { federation, aggregators, trainers, time } = convened;
    const both = aggregators[0]!;
    await joinAsEvaluator(convened, both);
    expect(await weight(both)).to.equal(1);
    await playRound(federation, trainers, [...aggregators, ...convened.evaluators]);
    expect(await weight(both, 2)).to.equal(2);
    expect(await federation.attestationQuorum(2), 'of six').to.equal(4);
    await submit(federation, ...trainers);
    const proposal = await proposalFor(federation, 5);
    const holder = aggregators.find(({ address }) => address !== both.address)!;
    await time.increase(parameters.submissionSeconds + parameters.turnSeconds);
    const by = (proposer: typeof both, list: Awaited<ReturnType<typeof attest>>) =>
      federation.connect(proposer).proposeAggregate(proposal, [], list, noAnchor);
    await expect(by(holder, await attest(federation, proposal, [both])))
      .to.be.revertedWithCustomError(federation, 'TooFewAttestations')
      .withArgs(3, 4);
    await expect(by(both, await attest(federation, proposal, [holder])))
      .to.be.revertedWithCustomError(federation, 'TooFewAttestations')
      .withArgs(3, 4);
    await by(both, await attest(federation, proposal, [holder, convened.evaluators[0]!]));
  });

  it('decide also about what an aggregator proposes that is none', async () => {
    const { federation, others, evaluators, trainers, accounts, time } = convened;
    const late = accounts[15]!;
    await joinAsAggregator(convened, late);
    await submit(federation, ...trainers);
    await time.increase(parameters.submissionSeconds + parameters.turnSeconds);
    const proposal = await proposalFor(federation, 5);
    const offer = async (signers: readonly (typeof late)[]) =>
      await federation
        .connect(late)
        .proposeAggregate(proposal, [], await attest(federation, proposal, signers), noAnchor);
    await expect(offer(others)).to.be.revertedWithCustomError(federation, 'TooFewAttestations').withArgs(2, 3);
    await expect(offer([...others, evaluators[1]!])).to.emit(federation, 'AggregateProposed');
  });

  it('are of the round, not of who is there later', async () => {
    const { federation, aggregators, evaluators, trainers, accounts, rewards } = convened;
    await joinAsAggregator(convened, accounts[15]!, accounts[16]!);
    await rewards.connect(evaluators[0]!).leaveAsEvaluator();
    await playRound(federation, trainers, [...aggregators, evaluators[1]!]);
    expect(await federation.attestationQuorum(1)).to.equal(3);
    const { aggregators: ofThese, evaluators: ofThose } = await federation.termsOf(2);
    expect([ofThese, ofThose]).to.deep.equal([5n, 1n]);
    expect(await federation.attestationQuorum(2)).to.equal(4);
  });

  it('sign once for an edition: what was proven false makes a new one', async () => {
    const { federation, aggregators, evaluators, trainers, stranger, proposer } = convened;
    await submit(federation, ...trainers);
    const judge = await asChallenges(convened);
    await expect(judge.slashTrainer(trainers[4]!.address, 1, stranger.address))
      .to.emit(federation, 'EditionChanged')
      .withArgs(1, 1);
    const proposal = await proposalFor(federation, 4);
    const old = await attest(federation, { ...proposal, edition: 0 }, evaluators);
    await expect(federation.connect(proposer).proposeAggregate(proposal, [], old, noAnchor))
      .to.be.revertedWithCustomError(federation, 'WrongSignature')
      .withArgs(old[0]!.signer);
    await proposeAs(federation, proposer, proposal, [...aggregators, ...evaluators]);
    expect((await federation.clock()).edition, 'a new round keeps it').to.equal(1);
    // of a round that is proposed nobody signs anything any more
    await expect(judge.slashTrainer(trainers[3]!.address, 1, stranger.address)).to.not.emit(
      federation,
      'EditionChanged',
    );
  });
});

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

  it('slashes who is both in both roles, and leaves an evaluator in place that has more than it must', async () => {
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

  it('reaches who has left after signing, and takes nothing of who never was an elector', async () => {
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

  it('is obeyed of the federation alone', async () => {
    const { rewards, stranger, evaluators } = convened;
    await expect(rewards.connect(stranger).slashEvaluator(evaluators[0]!.address, stranger.address))
      .to.be.revertedWithCustomError(rewards, 'NotTheFederation')
      .withArgs(stranger.address);
  });
});
