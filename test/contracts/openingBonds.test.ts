import { expect } from 'chai';
import { AbiCoder, keccak256, type Result, ZeroAddress, ZeroHash } from 'ethers';
import { bondWeiOf, type DemandStruct, demandHashes, demandOf, expectHeld, type Scene, setScene } from './demands.ts';
import { parameters } from './deployment.ts';
import { asChallenges } from './faults.ts';

const { answerSeconds, challengeSeconds } = parameters;

describe('Openings, bonds', () => {
  let scene: Scene;
  let restore: () => Promise<void>;

  before(async function () {
    this.timeout(20_000);
    // 4 chunks in 2 groups: the columns' tree has depth 3
    scene = await setScene({ count: 20, dimension: 200 });
    expect(scene.proposal.columnsRoot).to.equal(scene.posted.columns.root);
    expect(scene.proposal.modelRoot).to.equal(scene.posted.model.root);
    ({ restore } = await scene.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const openings = () => scene.challenges.openings;

  /** Demands all nodes `span` levels below the columns' root. */
  async function demandColumns(span = 2): Promise<DemandStruct> {
    return await demandOf(scene, await demandHashes(scene, scene.demander, 'columns', 3, span, 0));
  }

  const columnsBelow = (span = 2) => scene.posted.columns.below(3, 0, span);

  describe('claimOwed', () => {
    it('refuses an account that is owed nothing, and one that does not take the payment', async () => {
      await expect(openings().connect(scene.helper).claimOwed())
        .to.be.revertedWithCustomError(openings(), 'NothingOwed')
        .withArgs(scene.helper.address);
      const account = await answeredByContract();
      await account.refuse(true);
      const claim = openings().interface.encodeFunctionData('claimOwed');
      await expect(account.execute(openings(), claim)).to.be.revertedWithCustomError(account, 'CallFailed');
      expect(await openings().owedWei(account), 'it is owed still').to.equal(bondWeiOf(2));
    });

    it('pays once, also an account that calls back while it is paid', async () => {
      const { ethers } = scene;
      const account = await answeredByContract();
      const claim = openings().interface.encodeFunctionData('claimOwed');
      await account.reenter(openings(), claim);
      await account.execute(openings(), claim);
      expect(await account.reentered()).to.equal(0);
      expect(await ethers.provider.getBalance(account)).to.equal(bondWeiOf(2));
      await openings().connect(scene.proposer).claimOwed();
      expect(await ethers.provider.getBalance(openings())).to.equal(0);
    });
  });

  describe('reclaim', () => {
    it('refuses while the proposal stands, whoever asks, also when the answer is late', async () => {
      const demand = await demandColumns();
      for (const account of [scene.proposer, scene.demander]) {
        await expect(openings().connect(account).reclaim(demand))
          .to.be.revertedWithCustomError(openings(), 'StillStanding')
          .withArgs(1);
      }
      await scene.time.increase(answerSeconds + 1);
      await expect(openings().reclaim(demand)).to.be.revertedWithCustomError(openings(), 'StillStanding');
      await openings().forfeit(demand, scene.proposal);
      await expect(openings().reclaim(demand)).to.be.revertedWithCustomError(openings(), 'NotDemanded');
    });

    it('returns the bond where the proposal was proven wrong, also when the answer was late', async () => {
      const demand = await demandColumns();
      await scene.time.increase(answerSeconds + 1);
      const judge = await asChallenges(scene);
      await judge.voidProposal(scene.proposal, ZeroAddress);
      await expect(openings().connect(scene.helper).reclaim(demand))
        .to.emit(openings(), 'DemandReturned')
        .withArgs(idOf(demand));
      expect(await openings().owedWei(scene.demander.address)).to.equal(bondWeiOf(4));
      await expectHeld(scene, 0n);
    });

    it('returns the bond up to the last second for an answer, where another demand was forfeited', async () => {
      const { demander, proposal, time } = scene;
      const first = await demandColumns();
      await time.setNextBlockTimestamp(Number(first.answerBy) + 1);
      const second = await demandColumns(1);
      const snapshot = await scene.networkHelpers.takeSnapshot();
      for (const [late, event, owedWei] of [
        [0, 'DemandReturned', bondWeiOf(4 + 2)],
        [1, 'BondLost', bondWeiOf(4)],
      ] as const) {
        await time.setNextBlockTimestamp(Number(second.answerBy) + late);
        await openings().forfeit(first, proposal);
        await expect(openings().reclaim(second)).to.emit(openings(), event).withArgs(idOf(second));
        expect(await openings().owedWei(demander.address)).to.equal(owedWei);
        expect(await openings().owedWei(await scene.stake.treasury())).to.equal(bondWeiOf(6) - owedWei);
        await snapshot.restore();
      }
    });

    it('gives the bond to the treasury once the proposal is final', async () => {
      const { federation, demander, proposal, time } = scene;
      const first = await demandColumns();
      await time.increase(challengeSeconds);
      await federation.finalizeRound(1);
      await expect(openings().forfeit(first, proposal)).to.be.revertedWithCustomError(federation, 'AlreadyFinal');
      await expect(openings().connect(demander).reclaim(first)).to.emit(openings(), 'BondLost').withArgs(idOf(first));
      expect(await openings().owedWei(demander.address)).to.equal(0);
      expect(await openings().owedWei(await scene.stake.treasury())).to.equal(bondWeiOf(4));
    });

    it('goes by what happened at its own federation, whatever another says of the same proposal', async () => {
      const { ethers, demander, helper, proposal, time } = scene;
      const demand = await demandColumns();
      const elsewhere = await demandElsewhere();
      expect(elsewhere.demand.proposalHash).to.equal(demand.proposalHash);
      await time.increase(answerSeconds + 1);
      await elsewhere.own.forfeit(elsewhere.demand, elsewhere.forged);
      await (await asChallenges(scene)).voidProposal(proposal, ZeroAddress);
      await openings().reclaim(demand);
      expect(await openings().owedWei(demander.address)).to.equal(bondWeiOf(4));
      expect(await openings().owedWei(helper.address)).to.equal(elsewhere.value);
      expect(await ethers.provider.getBalance(openings())).to.equal(bondWeiOf(4) + elsewhere.value);
    });

    it('lets a federation of its own lose its own bonds only', async () => {
      const { ethers } = scene;
      await demandColumns();
      const { hostile, demand, own, value } = await demandElsewhere();
      await hostile.finalize(1);
      await own.reclaim(demand);
      expect(await openings().owedWei(hostile)).to.equal(value);
      expect(await ethers.provider.getBalance(openings())).to.equal(bondWeiOf(4) + value);
    });
  });

  it('gives a federation of its own no hold on the bonds of others', async () => {
    const { ethers, helper, proposal } = scene;
    await demandColumns();
    const hostile = await ethers.deployContract('HostileFederation');
    const node = { hash: proposal.inputsRoot, sum: 0 };
    const path = [{ hash: ZeroHash, sum: 0 }];
    const own = openings().connect(helper);
    const root = await ethers.deployContract('VerifierProbe').then((probe) => probe.sumRoot(node, 0, path));
    const forged = { ...proposal, inputsRoot: root.hash };
    const value = 32n * 10n ** 9n;
    const demand = await demandOf(scene, await own.demandInputs(hostile, forged, 0, 0, 0, node, path, { value }));
    await hostile.setDemandBondWei(2n ** 60n);
    // while it is forfeited, it is forfeited again, and reclaimed
    for (const call of [
      openings().interface.encodeFunctionData('forfeit', [demand, forged]),
      openings().interface.encodeFunctionData('claimOwed'),
    ]) {
      await hostile.aim(openings(), call);
      const snapshot = await scene.networkHelpers.takeSnapshot();
      await scene.time.increase(1);
      await own.forfeit(demand, forged);
      expect(await hostile.reentered()).to.equal(0);
      await expectHeld(scene, bondWeiOf(4));
      expect(await openings().owedWei(helper.address)).to.equal(value);
      await snapshot.restore();
    }
  });

  /** As the contract numbers it. */
  function idOf(demand: DemandStruct): string {
    const fragment = openings().interface.getEvent('OpeningDemanded').inputs[1]!;
    return keccak256(AbiCoder.defaultAbiCoder().encode([fragment], [demand]));
  }

  /** What a demand at a hostile federation, which says of all proposals what the real one says of its own, has opened. */
  async function demandElsewhere() {
    const { ethers, helper, proposal } = scene;
    const hostile = await ethers.deployContract('HostileFederation');
    const record = (await scene.federation.proposalOf(1)) as unknown as Result;
    await hostile.repeat(record.toObject() as never);
    const [node, path] = [{ hash: proposal.inputsRoot, sum: 0 }, [{ hash: ZeroHash, sum: 0 }]];
    const probe = await ethers.deployContract('VerifierProbe');
    const forged = { ...proposal, inputsRoot: (await probe.sumRoot(node, 0, path)).hash };
    const value = 32n * 10n ** 9n;
    const own = openings().connect(helper);
    const demand = await demandOf(scene, await own.demandInputs(hostile, forged, 0, 0, 0, node, path, { value }));
    return { hostile, forged, demand, value, own };
  }

  /** An account that is a contract, and is owed for an answer. */
  async function answeredByContract() {
    const account = await scene.ethers.deployContract('ContractAccount');
    const demand = await demandColumns();
    const answer = openings().interface.encodeFunctionData('openHashes', [demand, scene.proposal, columnsBelow()]);
    await account.execute(openings(), answer);
    return account;
  }
});
