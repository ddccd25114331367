import { expect } from 'chai';
import { id, Signature, toBeHex, ZeroHash } from 'ethers';
import { toHex } from '../../client/core/hash.ts';
import { omittedHash } from '../../client/core/inputs.ts';
import { type Founded, found, joinAsAggregator, parameters } from './deployment.ts';
import { type Convened, convene, joinAsContract } from './electors.ts';
import { attest, noAnchor, proposalFor, submit } from './round.ts';

type Proposal = Awaited<ReturnType<typeof proposalFor>>;
type Attestations = Awaited<ReturnType<typeof attest>>;

describe('Federation.proposeAggregate, trainers left out', () => {
  it('refuses another list than the proposal names, one that is not ascending, and one too long', async () => {
    const { federation, trainers, aggregators, time } = await found(4, 1);
    await submit(federation, ...trainers);
    await time.increase(parameters.submissionSeconds);
    const omitted = [trainers[0]!.address];
    const proposal = { ...(await proposalFor(federation, 3)), omittedHash: toHex(omittedHash(omitted)) };
    const contract = federation.connect(aggregators[0]!);
    const offer = (list: string[], hash: string) =>
      contract.proposeAggregate({ ...proposal, omittedHash: hash }, list, [], noAnchor);
    await expect(offer([], proposal.omittedHash))
      .to.be.revertedWithCustomError(contract, 'WrongOmissions')
      .withArgs(proposal.omittedHash);
    await expect(offer(omitted, ZeroHash)).to.be.revertedWithCustomError(contract, 'WrongOmissions').withArgs(ZeroHash);
    for (const wrong of [
      [omitted[0]!, omitted[0]!],
      [toBeHex(2, 20), toBeHex(1, 20)],
    ]) {
      await expect(offer(wrong, proposal.omittedHash)).to.be.revertedWithCustomError(contract, 'NotAscending');
    }
    const many = Array.from({ length: 2049 }, (_, i) => toBeHex(i + 1, 20));
    await expect(offer(many, toHex(omittedHash(many))))
      .to.be.revertedWithCustomError(contract, 'TooManyOmitted')
      .withArgs(2049, 2048);
    await offer(omitted, proposal.omittedHash);
  });
});

describe('Federation.proposeAggregate, attestations', () => {
  let convened: Convened;
  let proposal: Proposal;
  let restore: () => Promise<void>;

  before(async () => {
    convened = await convene();
    const { federation, trainers, networkHelpers } = convened;
    await submit(federation, ...trainers);
    proposal = await proposalFor(federation, 5);
    ({ restore } = await networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const offer = (attestations: Attestations) =>
    convened.federation.connect(convened.proposer).proposeAggregate(proposal, [], attestations, noAnchor);

  it('asks for more than half of the electors, the proposer among them', async () => {
    const { federation, others, evaluators } = convened;
    expect(await federation.attestationQuorum(1)).to.equal(3);
    await expect(offer([])).to.be.revertedWithCustomError(federation, 'TooFewAttestations').withArgs(1, 3);
    for (const one of [others[0]!, evaluators[1]!]) {
      await expect(offer(await attest(federation, proposal, [one])))
        .to.be.revertedWithCustomError(federation, 'TooFewAttestations')
        .withArgs(2, 3);
    }
    await expect(offer(await attest(federation, proposal, [others[0]!, evaluators[1]!]))).to.emit(
      federation,
      'AggregateProposed',
    );
  });

  it('takes the typed data that wallets sign, from all electors', async () => {
    const { federation, others, evaluators } = convened;
    await offer(await attest(federation, proposal, [...others, ...evaluators]));
    expect((await federation.proposalOf(1)).proposer).to.equal(convened.proposer.address);
  });

  it('refuses a signature of the proposer, one given twice, one out of order, and one of no elector', async () => {
    const { federation, proposer, others, trainers, stranger } = convened;
    const [first, second] = (await attest(federation, proposal, others)) as [Attestations[0], Attestations[0]];
    const own = (await attest(federation, proposal, [proposer]))[0]!;
    for (const [list, signer] of [
      [[own], own.signer],
      [[first, first], first.signer],
      [[second, first], first.signer],
    ] as const) {
      await expect(offer([...list]))
        .to.be.revertedWithCustomError(federation, 'SignersNotAscending')
        .withArgs(signer);
    }
    for (const none of [stranger, trainers[0]!]) {
      await expect(offer(await attest(federation, proposal, [none, ...others])))
        .to.be.revertedWithCustomError(federation, 'NotAnElector')
        .withArgs(none.address);
    }
  });

  it('refuses signatures over other inputs, of another round, edition, federation or chain, and changed ones', async () => {
    const { federation, others, stranger } = convened;
    const one = others.slice(0, 1);
    const right = (await attest(federation, proposal, one))[0]!;
    const elsewhere = federation.attach(stranger.address) as typeof federation;
    const { edition } = await federation.clock();
    const { inputsRoot } = proposal;
    const { r, s, yParity } = Signature.from(right.signature);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const malleable = `${r}${toBeHex(order - BigInt(s), 32).slice(2)}${yParity === 0 ? '1c' : '1b'}`;
    const wrong = [
      (await attest(federation, { round: 1, inputsRoot: id('other') }, one))[0]!,
      (await attest(federation, { round: 2, inputsRoot }, one))[0]!,
      (await attest(federation, { round: 1, inputsRoot, edition: edition + 1n }, one))[0]!,
      (await attest(elsewhere, { round: 1, inputsRoot, edition }, one))[0]!,
      (await attest(federation, proposal, one, 1n))[0]!,
      { ...right, signer: others[1]!.address },
      { ...right, signature: malleable },
      { ...right, signature: right.signature.slice(0, -2) },
      { ...right, signature: '0x' },
    ];
    for (const attestation of wrong) {
      await expect(offer([attestation]))
        .to.be.revertedWithCustomError(federation, 'WrongSignature')
        .withArgs(attestation.signer);
    }
  });

  it('reverts where the chain has another block than the proposer had read, or remembers none', async () => {
    const { federation, proposer, others, networkHelpers, ethers } = convened;
    const attestations = await attest(federation, proposal, others);
    const contract = federation.connect(proposer);
    const read = await ethers.provider.getBlock(-2);
    const anchor = (number: number, hash: string) =>
      contract.proposeAggregate(proposal, [], attestations, { number, hash });
    await expect(anchor(read!.number, id('another block')))
      .to.be.revertedWithCustomError(federation, 'AnotherChain')
      .withArgs(read!.number);
    await expect(anchor(read!.number + 1, read!.hash!)).to.be.revertedWithCustomError(federation, 'AnotherChain');
    const snapshot = await networkHelpers.takeSnapshot();
    const latest = await ethers.provider.getBlockNumber();
    await networkHelpers.mine(read!.number + 256 - latest, { interval: 0 });
    await expect(anchor(read!.number, read!.hash!), '257 blocks ago')
      .to.be.revertedWithCustomError(federation, 'AnotherChain')
      .withArgs(read!.number);
    await snapshot.restore();
    await networkHelpers.mine(read!.number + 255 - latest, { interval: 0 });
    await anchor(read!.number, read!.hash!);
  });
});

describe('Federation.proposeAggregate, accounts that are contracts', () => {
  it('takes a signature that the contract accepts, where it joined as a contract', async () => {
    let account = '';
    const convened = await convene(async (founded) => {
      account = await (await joinAsContract(founded, founded.accounts[15]!)).getAddress();
    });
    const { federation, accounts, proposer, trainers } = convened;
    expect(await federation.signsOf(account)).to.equal(2);
    expect(await federation.electorWeight(account, 1)).to.equal(1);
    await submit(federation, ...trainers);
    const proposal = await proposalFor(federation, 5);
    const offer = async (owner: (typeof accounts)[0]) => {
      const signed = await attest(federation, proposal, [owner, ...convened.others]);
      const list = signed.map((one) => (one.signer === owner.address ? { ...one, signer: account } : one));
      return await federation.connect(proposer).proposeAggregate(proposal, [], sorted(list), noAnchor);
    };
    // six electors: four aggregators and two evaluators
    expect(await federation.attestationQuorum(1)).to.equal(4);
    await expect(offer(accounts[16]!)).to.be.revertedWithCustomError(federation, 'WrongSignature').withArgs(account);
    await expect(offer(accounts[15]!)).to.emit(federation, 'AggregateProposed');
  });

  for (const when of ['before', 'after']) {
    it(`judges a key by its own signature, though it delegated its code ${when} it joined`, async () => {
      let delegation = '';
      const delegate = async ({ ethers, networkHelpers, accounts }: Founded, key: string) => {
        // whose owner's signatures the code would take
        const code = await ethers.deployContract('ContractAccount', accounts[15]!);
        delegation = `0xef0100${(await code.getAddress()).slice(2)}`.toLowerCase();
        await networkHelpers.setCode(key, delegation);
      };
      const convened = await convene(async (founded) => {
        const key = founded.accounts[16]!;
        if (when === 'before') await delegate(founded, key.address);
        await joinAsAggregator(founded, key);
        if (when === 'after') await delegate(founded, key.address);
      });
      const { federation, ethers, proposer, evaluators, trainers, accounts } = convened;
      const [owner, key] = accounts.slice(15) as [(typeof accounts)[0], (typeof accounts)[0]];
      expect(await ethers.provider.getCode(key.address)).to.equal(delegation);
      expect(await federation.signsOf(key.address)).to.equal(1);
      await submit(federation, ...trainers);
      const proposal = await proposalFor(federation, 5);
      const offer = async (signer: typeof key) => {
        const [signed] = await attest(federation, proposal, [signer]);
        const rest = await attest(federation, proposal, evaluators);
        const list = sorted([{ ...signed!, signer: key.address }, ...rest]);
        return await federation.connect(proposer).proposeAggregate(proposal, [], list, noAnchor);
      };
      await expect(offer(owner)).to.be.revertedWithCustomError(federation, 'WrongSignature').withArgs(key.address);
      await expect(offer(key)).to.emit(federation, 'AggregateProposed');
    });
  }
});

function sorted(attestations: Attestations): Attestations {
  return attestations.toSorted((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1));
}
