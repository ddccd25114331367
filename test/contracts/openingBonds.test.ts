import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { bondWeiOf, type DemandStruct, demandHashes, demandOf, expectHeld, type Scene, setScene } from './demands.ts';
import { parameters } from './deployment.ts';

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
  async function demandColumns(span = 2, open = 0): Promise<DemandStruct> {
    const value = bondWeiOf(2 ** span, open);
    return await demandOf(scene, await demandHashes(scene, scene.demander, 'columns', 3, span, 0, value));
  }

  const columnsBelow = (span = 2) => scene.posted.columns.below(3, 0, span);

  describe('bondOf', () => {
    const nextWei = () => openings().bondOf(scene.federation, 1, 2);

    it('doubles with every open demand, and halves with every answer', async () => {
      const first = await demandColumns();
      for (let open = 1; open < 9; open++) await demandColumns(2, open);
      expect(await nextWei()).to.equal(512n * first.bondWei);
      await expect(demandHashes(scene, scene.helper, 'columns', 3, 2, 0, bondWeiOf(4, 8)))
        .to.be.revertedWithCustomError(openings(), 'WrongBond')
        .withArgs(bondWeiOf(4, 8), bondWeiOf(4, 9));
      const tenth = await demandColumns(2, 9);
      expect(tenth.bondWei).to.equal(512n * first.bondWei);
      await openings().connect(scene.helper).openHashes(first, scene.proposal, columnsBelow());
      expect(await nextWei()).to.equal(512n * first.bondWei);
      await openings().connect(scene.helper).openHashes(tenth, scene.proposal, columnsBelow());
      expect(await nextWei()).to.equal(256n * first.bondWei);
      await expectHeld(scene, bondWeiOf(4, 9) - 2n * bondWeiOf(4));
    });

    it('halves with every demand that is reclaimed', async () => {
      const demands = [await demandColumns(), await demandColumns(2, 1)];
      await scene.time.increase(parameters.challengeSeconds);
      await scene.federation.finalizeRound(1);
      for (const open of [1, 0]) {
        await openings().reclaim(demands[open]!);
        expect(await nextWei()).to.equal(bondWeiOf(4, open));
      }
    });

    it('halves with every demand that is forfeited, and counts none of another federation', async () => {
      const first = await hostileFederation();
      const other = await hostileFederation();
      const demand = await demandOf(scene, await first.demand(firstWei));
      await expect(first.demand(firstWei))
        .to.be.revertedWithCustomError(openings(), 'WrongBond')
        .withArgs(firstWei, 2n * firstWei);
      await other.demand(firstWei);
      await scene.time.increase(1);
      await openings().forfeit(demand, first.forged);
      await first.demand(firstWei);
    });

    it('refuses more demands than there can be bonds for', async () => {
      const { hostile, demand } = await hostileFederation();
      // a leaf is 32 nodes: twice 2^95 wei are more than a bond can be
      await hostile.setDemandBondWei(2n ** 90n);
      await expect(demand(0n))
        .to.be.revertedWithCustomError(openings(), 'WrongBond')
        .withArgs(0, 2n ** 95n);
      await hostile.setDemandBondWei(0);
      await demand(0n);
      await hostile.setDemandBondWei(2n ** 90n);
      await expect(demand(0n)).to.be.revertedWithCustomError(openings(), 'TooManyDemands').withArgs(1);
    });
  });

  describe('claimOwed', () => {
    it('refuses who is owed nothing, and who does not take it', async () => {
      await expect(openings().connect(scene.helper).claimOwed())
        .to.be.revertedWithCustomError(openings(), 'NothingOwed')
        .withArgs(scene.helper.address);
      const account = await answeredByContract();
      await account.refuse(true);
      const claim = openings().interface.encodeFunctionData('claimOwed');
      await expect(account.execute(openings(), claim)).to.be.revertedWithCustomError(account, 'CallFailed');
      expect(await openings().owedWei(account), 'it is owed still').to.equal(bondWeiOf(2));
    });

    it('pays once, also who calls back while it is paid', async () => {
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

  it('gives a federation of its own no hold on the bonds of others', async () => {
    const { helper } = scene;
    await demandColumns();
    const own = openings().connect(helper);
    const { hostile, forged, demand: make } = await hostileFederation();
    const demand = await demandOf(scene, await make(firstWei));
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
      expect(await openings().owedWei(helper.address)).to.equal(firstWei);
      await snapshot.restore();
    }
  });

  /** The bond of the first demand of a hostile federation's group of inputs. */
  const firstWei = 32n * 10n ** 9n;

  /** A federation of the helper's own, with a proposal of which it demands what it likes. */
  async function hostileFederation() {
    const { ethers, helper, proposal } = scene;
    const hostile = await ethers.deployContract('HostileFederation');
    const node = { hash: proposal.inputsRoot, sum: 0 };
    const path = [{ hash: ZeroHash, sum: 0 }];
    const root = await ethers.deployContract('VerifierProbe').then((probe) => probe.sumRoot(node, 0, path));
    const forged = { ...proposal, inputsRoot: root.hash };
    const demand = (value: bigint) =>
      openings().connect(helper).demandInputs(hostile, forged, 0, 0, 0, node, path, { value });
    return { hostile, forged, demand };
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
