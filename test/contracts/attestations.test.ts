import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { id, Signature, toBeHex, ZeroHash } from 'ethers';
import { toHex } from '../../client/core/hash.ts';
import { omittedHash } from '../../client/core/inputs.ts';
import { aggregatorBondWei, bond, found, joinAsAggregator, parameters } from './deployment.ts';
import { inputOpening } from './evidence.ts';
import { proposalFor, submit } from './round.ts';
import { attest, omitAndPropose, stage } from './stagedRound.ts';

/** Round 1 of four trainers is over, and the first one's update cannot be fetched. Two of three signatures are needed. */
async function unavailable() {
  const founded = await found(4, 3);
  const { federation, trainers, aggregators, time } = founded;
  await submit(federation, ...trainers);
  await time.increase(parameters.submissionSeconds);
  const omitted = [trainers[0]!.address];
  const proposal = { ...(await proposalFor(federation, 3)), omittedHash: toHex(omittedHash(omitted)) };
  const holder = await federation.turnHolder(1);
  const proposer = aggregators.find(({ address }) => address === holder)!;
  const others = aggregators.filter(({ address }) => address !== holder);
  return { founded, proposal, omitted, proposer, others, contract: federation.connect(proposer) };
}

type Attestations = Awaited<ReturnType<typeof attest>>;

describe('Federation.proposeAggregate, trainers left out', () => {
  it('refuses another list than the proposal names, one that is not ascending, and one too long', async () => {
    const { founded, proposal, omitted, contract } = await unavailable();
    await expect(contract.proposeAggregate(proposal, [], []))
      .to.be.revertedWithCustomError(contract, 'WrongOmissions')
      .withArgs(proposal.omittedHash);
    await expect(contract.proposeAggregate({ ...proposal, omittedHash: ZeroHash }, omitted, []))
      .to.be.revertedWithCustomError(contract, 'WrongOmissions')
      .withArgs(ZeroHash);
    for (const twice of [
      [omitted[0]!, omitted[0]!],
      [toBeHex(2, 20), toBeHex(1, 20)],
    ]) {
      await expect(contract.proposeAggregate(proposal, twice, [])).to.be.revertedWithCustomError(
        contract,
        'NotAscending',
      );
    }
    await founded.time.increase(2 * parameters.turnSeconds);
    const many = Array.from({ length: 2049 }, (_, i) => toBeHex(i + 1, 20));
    await expect(contract.proposeAggregate({ ...proposal, omittedHash: toHex(omittedHash(many)) }, many, []))
      .to.be.revertedWithCustomError(contract, 'TooManyOmitted')
      .withArgs(2049, 2048);
  });

  it('asks for more than half of the aggregators, until two turns after the deadline', async () => {
    const { founded, proposal, omitted, contract } = await unavailable();
    await expect(contract.proposeAggregate(proposal, omitted, []))
      .to.be.revertedWithCustomError(contract, 'TooFewAttestations')
      .withArgs(1, 2);
    const { submissionDeadline } = await founded.federation.clock();
    await founded.time.setNextBlockTimestamp(submissionDeadline + 2n * BigInt(parameters.turnSeconds));
    await expect(contract.proposeAggregate(proposal, omitted, [])).to.emit(contract, 'AggregateProposed');
  });

  it('takes the typed data that a wallet signs', async () => {
    const { founded, proposal, omitted, others, contract } = await unavailable();
    const attestations = await attest(founded, 1, proposal.inputsRoot, others);
    await expect(contract.proposeAggregate(proposal, omitted, attestations)).to.emit(contract, 'AggregateProposed');
  });

  it('refuses signatures of others, of oneself, twice, and out of order', async () => {
    const { founded, proposal, omitted, proposer, others, contract } = await unavailable();
    const refuses = async (attestations: Attestations, error: string) => {
      await expect(contract.proposeAggregate(proposal, omitted, attestations)).to.be.revertedWithCustomError(
        founded.federation,
        error,
      );
    };
    const [own] = await attest(founded, 1, proposal.inputsRoot, [proposer]);
    const [first, second] = await attest(founded, 1, proposal.inputsRoot, others);
    const [unknown] = await attest(founded, 1, proposal.inputsRoot, [founded.stranger]);
    await refuses([own!], 'SignersNotAscending');
    await refuses([first!, first!], 'SignersNotAscending');
    await refuses([second!, first!], 'SignersNotAscending');
    await refuses([unknown!], 'SignerNotAnAggregator');
    // one that joins to decide what has happened
    await joinAsAggregator(founded, founded.stranger);
    expect(await founded.federation.mayAttest(founded.stranger.address, 1)).to.equal(false);
    expect(await founded.federation.mayAttest(founded.stranger.address, 2)).to.equal(true);
    await refuses([unknown!], 'SignerNotAnAggregator');
  });

  it('refuses signatures over other inputs, of another round, federation or chain, and changed ones', async () => {
    const { founded, proposal, omitted, others, contract } = await unavailable();
    const { federation } = founded;
    const [right] = await attest(founded, 1, proposal.inputsRoot, others.slice(0, 1));
    const elsewhere = { ...founded, federation: federation.attach(founded.stranger.address) as typeof federation };
    const { r, s, yParity } = Signature.from(right!.signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const malleable = `${r}${toBeHex(order - BigInt(s), 32).slice(2)}${yParity === 0 ? '1c' : '1b'}`;
    const wrong = [
      (await attest(founded, 1, id('other'), others.slice(0, 1)))[0]!,
      (await attest(founded, 2, proposal.inputsRoot, others.slice(0, 1)))[0]!,
      (await attest(elsewhere, 1, proposal.inputsRoot, others.slice(0, 1)))[0]!,
      (await attest(founded, 1, proposal.inputsRoot, others.slice(0, 1), 1n))[0]!,
      { ...right!, signer: others[1]!.address },
      { ...right!, signature: malleable },
      { ...right!, signature: right!.signature.slice(0, -2) },
      { ...right!, signature: '0x' },
    ];
    for (const attestation of wrong) {
      await expect(contract.proposeAggregate(proposal, omitted, [attestation]))
        .to.be.revertedWithCustomError(founded.federation, 'WrongSignature')
        .withArgs(attestation.signer);
    }
    await contract.proposeAggregate(proposal, omitted, [right!]);
  });

  it('takes the signature of an account that is a contract', async () => {
    const founded = await found(4, 1, { task: { startTrainers: 5 } });
    const { ethers, federation, stake, token, accounts, trainers, aggregators, time } = founded;
    const owner = accounts[15]!;
    const account = await ethers.deployContract('ContractAccount', owner);
    await token.transfer(account, aggregatorBondWei);
    const approve = token.interface.encodeFunctionData('approve', [await stake.getAddress(), aggregatorBondWei]);
    const deposit = [await federation.getAddress(), aggregatorBondWei] as [string, bigint];
    await account.execute(token, approve);
    await account.execute(stake, stake.interface.encodeFunctionData('deposit', deposit));
    await account.execute(federation, federation.interface.encodeFunctionData('joinAsAggregator'));
    await bond(founded, accounts[14]!, 100n);
    await federation.connect(accounts[14]!).joinAsTrainer();

    await submit(federation, ...trainers);
    await time.increase(parameters.submissionSeconds + parameters.turnSeconds);
    const omitted = [trainers[0]!.address];
    const proposal = { ...(await proposalFor(federation, 3)), omittedHash: toHex(omittedHash(omitted)) };
    const [signed] = await attest(founded, 1, proposal.inputsRoot, [owner]);
    const attestation = { ...signed!, signer: await account.getAddress() };
    const [stranger] = await attest(founded, 1, proposal.inputsRoot, [accounts[16]!]);
    const contract = federation.connect(aggregators[0]!);
    await expect(
      contract.proposeAggregate(proposal, omitted, [{ ...attestation, signature: stranger!.signature }]),
    ).to.be.revertedWithCustomError(founded.federation, 'WrongSignature');
    await contract.proposeAggregate(proposal, omitted, [attestation]);
  });
});

describe('InputChallenges.refuteSignatures', () => {
  /** An aggregator's signatures over two different inputs of round 1. */
  async function equivocation() {
    const founded = await found();
    const { federation, aggregators, challenges, stranger } = founded;
    const [cheat] = aggregators as [HardhatEthersSigner];
    const roots = [id('inputs'), id('other inputs')] as const;
    const [first] = await attest(founded, 1, roots[0], [cheat]);
    const [second] = await attest(founded, 1, roots[1], [cheat]);
    const contract = challenges.inputs.connect(stranger);
    const refute = () => contract.refuteSignatures(federation, 1, ...roots, first!, second!);
    return { founded, cheat, roots, first: first!, second: second!, contract, refute };
  }

  it('refuses the same inputs twice, and two signers', async () => {
    const { founded, roots, first, second, contract } = await equivocation();
    const { federation, aggregators } = founded;
    await expect(contract.refuteSignatures(federation, 1, roots[0], roots[0], first, first))
      .to.be.revertedWithCustomError(contract, 'SameInputs')
      .withArgs(roots[0]);
    const [other] = await attest(founded, 1, roots[1], aggregators.slice(1, 2));
    await expect(contract.refuteSignatures(federation, 1, ...roots, first, other!))
      .to.be.revertedWithCustomError(contract, 'AnotherSigner')
      .withArgs(other!.signer, first.signer);
    await expect(contract.refuteSignatures(federation, 2, ...roots, first, second))
      .to.be.revertedWithCustomError(contract, 'WrongSignature')
      .withArgs(first.signer);
  });

  it('slashes once, and ends the role', async () => {
    const { founded, cheat, refute } = await equivocation();
    const { federation, stake } = founded;
    await refute();
    expect(await federation.isAggregator(cheat.address)).to.equal(false);
    expect(await stake.bondedWei(federation, cheat.address)).to.equal(0);
    await expect(refute()).to.be.revertedWithCustomError(federation, 'AlreadySlashed').withArgs(cheat.address, 1);
  });

  it('reaches who has left after signing', async () => {
    const { founded, cheat, refute } = await equivocation();
    const { federation, stake } = founded;
    await federation.connect(cheat).leaveAsAggregator();
    await stake.connect(cheat).requestUnbond(federation, aggregatorBondWei);
    await refute();
    expect(await stake.unbondingWei(federation, cheat.address)).to.equal(0);
  });
});

describe('InputChallenges.refuteOmission', () => {
  it('counts no witness that joined after the round had opened', async () => {
    const staged = await stage({ count: 3, dimension: 64, aggregators: 1 });
    const { federation, challenges, updates, right, accounts, stranger } = staged;
    const omitted = [updates[1]!.trainer];
    const proposal = await omitAndPropose(staged, omitted, { inputCount: 2, totalWeight: 258n });
    const late = accounts.slice(10, 12);
    await joinAsAggregator(staged, ...late);
    const attestations = await attest(staged, 1, toHex(right.commitment.inputsRoot), late);
    const input = inputOpening(right, 1);
    const witnesses = attestations.map((attestation) => ({ attestation, input }));
    const contract = challenges.inputs.connect(stranger);
    await expect(contract.refuteOmission(federation, proposal, omitted[0]!, omitted, witnesses))
      .to.be.revertedWithCustomError(contract, 'SignerNotAnAggregator')
      .withArgs(attestations[0]!.signer);
  });
});
