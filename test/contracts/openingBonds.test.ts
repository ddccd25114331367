import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { bondWeiOf, type DemandStruct, demandHashes, demandOf, expectHeld, type Scene, setScene } from './demands.ts';

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

  /** An account that is a contract, and is owed for an answer. */
  async function answeredByContract() {
    const account = await scene.ethers.deployContract('ContractAccount');
    const demand = await demandColumns();
    const answer = openings().interface.encodeFunctionData('openHashes', [demand, scene.proposal, columnsBelow()]);
    await account.execute(openings(), answer);
    return account;
  }
});
