import { expect } from 'chai';
import { joinAsAggregator, parameters } from './deployment.ts';
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

  it('are no members that join after it opened, nor that leave and join again', async () => {
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

  it('leave an aggregator that has left out of the quorum, and count it once, also where it comes and goes again', async () => {
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

  it('decide also about the proposal of an aggregator that is no elector', async () => {
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

  it('are the members of when the round opened, not those of later', async () => {
    const { federation, aggregators, evaluators, trainers, accounts, rewards } = convened;
    await joinAsAggregator(convened, accounts[15]!, accounts[16]!);
    await rewards.connect(evaluators[0]!).leaveAsEvaluator();
    await playRound(federation, trainers, [...aggregators, evaluators[1]!]);
    expect(await federation.attestationQuorum(1)).to.equal(3);
    const { aggregators: ofThese, evaluators: ofThose } = await federation.termsOf(2);
    expect([ofThese, ofThose]).to.deep.equal([5n, 1n]);
    expect(await federation.attestationQuorum(2)).to.equal(4);
  });

  it('sign once for an edition; a submission that was proven false makes a new edition', async () => {
    const { federation, aggregators, evaluators, trainers, stranger, proposer } = convened;
    await submit(federation, ...trainers);
    const judge = await asChallenges(convened);
    await expect(judge.slashTrainer(trainers[4]!.address, 1, stranger.address))
      .to.emit(federation, 'TrainerSlashed')
      .withArgs(trainers[4]!.address, 1, 1);
    const proposal = await proposalFor(federation, 4);
    const old = await attest(federation, { ...proposal, edition: 0 }, evaluators);
    await expect(federation.connect(proposer).proposeAggregate(proposal, [], old, noAnchor))
      .to.be.revertedWithCustomError(federation, 'WrongSignature')
      .withArgs(old[0]!.signer);
    await proposeAs(federation, proposer, proposal, [...aggregators, ...evaluators]);
    expect((await federation.clock()).edition, 'a new round keeps it').to.equal(1);
    // of a round that is proposed nobody signs anything any more
    await expect(judge.slashTrainer(trainers[3]!.address, 1, stranger.address))
      .to.emit(federation, 'TrainerSlashed')
      .withArgs(trainers[3]!.address, 1, 1);
  });
});
