import { expect } from 'chai';
import { id, ZeroHash } from 'ethers';
import { bondWeiOf, type DemandStruct, demandHashes, demandOf, expectHeld, type Scene, setScene } from './demands.ts';
import { aggregatorBondWei, bond, parameters } from './deployment.ts';
import { announce } from './faults.ts';
import { proposeAs } from './round.ts';

const { answerSeconds, challengeSeconds } = parameters;

describe('Openings', () => {
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

  describe('demand', () => {
    it('refuses what cannot be opened', async () => {
      const { federation, proposal, posted } = scene;
      const contract = openings().connect(scene.demander);
      const { columns, model } = posted;
      const demand = (tree: number, height: number, span: number, index: number, node: string, path: string[]) =>
        contract.demandHashes(federation, proposal, tree, height, span, index, node, path, { value: bondWeiOf(2) });
      await expect(demand(2, 3, 1, 0, columns.root, []), 'inputs').to.be.revertedWithCustomError(
        contract,
        'AnotherOpening',
      );
      await expect(demand(0, 0, 0, 0, model.node(0, 0), model.path(0)), "a model's leaf").to.be.revertedWithCustomError(
        contract,
        'AnotherOpening',
      );
      await expect(demand(1, 2, 1, 0, columns.root, []))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(2, 3);
      await expect(demand(1, 3, 1, 0, columns.root, [ZeroHash]))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(4, 3);
      await expect(demand(1, 3, 1, 1, columns.root, []))
        .to.be.revertedWithCustomError(contract, 'IndexOutsideTree')
        .withArgs(1, 0);
      await expect(demand(1, 2, 1, 1, columns.node(2, 0), columns.path(0, 2))).to.be.revertedWithCustomError(
        contract,
        'NotInTree',
      );
      await expect(demand(0, 3, 1, 0, columns.root, [])).to.be.revertedWithCustomError(contract, 'WrongPathLength');
      await expect(demand(1, 3, 4, 0, columns.root, []))
        .to.be.revertedWithCustomError(contract, 'WrongSpan')
        .withArgs(4, 3);
      await expect(demand(1, 3, 0, 0, columns.root, []))
        .to.be.revertedWithCustomError(contract, 'WrongHeight')
        .withArgs(3, 0);
    });

    it('refuses an empty node, and one of a tree without inputs', async () => {
      const { federation, proposal } = scene;
      const contract = openings().connect(scene.demander);
      const other = await setScene({ count: 3, dimension: 65 * 64 });
      // 65 chunks: the last 63 leaves are empty
      await demandHashes(other, other.demander, 'model', 6, 1, 1);
      await expect(demandHashes(other, other.demander, 'model', 5, 1, 3)).to.be.revertedWithCustomError(
        other.challenges.openings,
        'NothingToOpen',
      );
      const node = { hash: proposal.inputsRoot, sum: 0 };
      await expect(contract.demandInputs(federation, proposal, 2, 1, 0, node, []))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(2, 1);
      await expect(
        contract.demandInputs(federation, proposal, 1, 1, 0, { ...node, hash: id('other') }, []),
      ).to.be.revertedWithCustomError(contract, 'NotInTree');
    });

    it('takes the bond that the opening is worth, neither less nor more', async () => {
      expect(await openings().bondOf(scene.federation, 0)).to.equal(bondWeiOf(32));
      expect(await openings().bondOf(scene.federation, 2)).to.equal(bondWeiOf(4));
      for (const wrong of [0n, bondWeiOf(4) - 1n, bondWeiOf(4) + 1n]) {
        await expect(demandHashes(scene, scene.demander, 'columns', 3, 2, 0, wrong))
          .to.be.revertedWithCustomError(openings(), 'WrongBond')
          .withArgs(wrong, bondWeiOf(4));
      }
      await demandColumns();
      await expectHeld(scene, bondWeiOf(4));
    });

    it('refuses another proposal, one that is final, and the same demand in the same second', async () => {
      const { federation, time } = scene;
      const other = { ...scene, proposal: { ...scene.proposal, totalWeight: 7n } };
      await expect(demandHashes(other, scene.demander, 'columns', 3, 2, 0)).to.be.revertedWithCustomError(
        federation,
        'AnotherProposal',
      );
      await demandColumns();
      await time.setNextBlockTimestamp(await time.latest());
      await expect(demandHashes(scene, scene.demander, 'columns', 3, 2, 0)).to.be.revertedWithCustomError(
        openings(),
        'AlreadyDemanded',
      );
      await time.increase(challengeSeconds);
      await federation.finalizeRound(1);
      await expect(demandHashes(scene, scene.demander, 'columns', 3, 2, 0)).to.be.revertedWithCustomError(
        federation,
        'AlreadyFinal',
      );
    });

    it('keeps the window open once: later demands must fit into what is left', async () => {
      const { federation, time } = scene;
      const proposedAt = Number((await federation.proposalOf(1)).proposedAt);
      const window = proposedAt + challengeSeconds;
      await time.setNextBlockTimestamp(window);
      await expect(demandHashes(scene, scene.demander, 'columns', 3, 2, 0), 'the window is over')
        .to.be.revertedWithCustomError(federation, 'TooLateToDemand')
        .withArgs(window - 1);
      await restore();
      const at = window - 1;
      await time.setNextBlockTimestamp(at);
      const response = await demandHashes(scene, scene.demander, 'columns', 3, 2, 0);
      const closesAt = at + 2 * answerSeconds;
      await expect(response).to.emit(federation, 'ProposalHeld').withArgs(1, closesAt);
      const demand = await demandOf(scene, response);
      expect(Number(demand.answerBy)).to.equal(at + answerSeconds);
      await openings().connect(scene.proposer).openHashes(demand, scene.proposal, columnsBelow());

      await time.setNextBlockTimestamp(closesAt - 2 * answerSeconds + 3);
      await expect(demandHashes(scene, scene.demander, 'columns', 3, 1, 0), 'held before')
        .to.be.revertedWithCustomError(federation, 'TooLateToDemand')
        .withArgs(closesAt - 2 * answerSeconds);
      expect((await federation.proposalOf(1)).closesAt).to.equal(closesAt);
      await time.setNextBlockTimestamp(closesAt - 1);
      await expect(federation.finalizeRound(1))
        .to.be.revertedWithCustomError(federation, 'ChallengeWindowOpen')
        .withArgs(closesAt);
      await time.setNextBlockTimestamp(closesAt);
      await federation.finalizeRound(1);
    });

    it('takes more demands while they fit into the window that was kept open', async () => {
      const { federation, time } = scene;
      const proposedAt = Number((await federation.proposalOf(1)).proposedAt);
      const at = proposedAt + challengeSeconds - 2 * answerSeconds + 30;
      await time.setNextBlockTimestamp(at);
      await demandColumns();
      await time.setNextBlockTimestamp(at);
      const demand = await demandColumns(1);
      expect(Number(demand.answerBy)).to.equal(at + answerSeconds);
      expect((await federation.proposalOf(1)).closesAt).to.equal(at + 2 * answerSeconds);
      await time.setNextBlockTimestamp(at + 1);
      await expect(demandHashes(scene, scene.demander, 'columns', 3, 2, 0))
        .to.be.revertedWithCustomError(federation, 'TooLateToDemand')
        .withArgs(at);
    });

    it('does not lengthen a window that is long enough', async () => {
      const before = (await scene.federation.proposalOf(1)).closesAt;
      const response = await demandHashes(scene, scene.demander, 'columns', 3, 2, 0);
      await expect(response).to.not.emit(scene.federation, 'ProposalHeld');
      expect((await scene.federation.proposalOf(1)).closesAt).to.equal(before);
    });
  });

  describe('forfeit', () => {
    it('refuses a demand that may still be answered, and one that was answered', async () => {
      const demand = await demandColumns();
      await scene.time.setNextBlockTimestamp(Number(demand.answerBy));
      await expect(openings().forfeit(demand, scene.proposal))
        .to.be.revertedWithCustomError(openings(), 'StillTime')
        .withArgs(demand.answerBy);
      await openings().connect(scene.proposer).openHashes(demand, scene.proposal, columnsBelow());
      await scene.time.increase(answerSeconds);
      await expect(openings().forfeit(demand, scene.proposal)).to.be.revertedWithCustomError(openings(), 'NotDemanded');
    });

    it('voids the proposal, returns the bond, and rewards a demander that had announced the demand', async () => {
      const { federation, stake, demander, helper, proposal, posted } = scene;
      const { columns } = posted;
      const address = await federation.getAddress();
      const { interface: abi } = openings();
      const data = abi.encodeFunctionData('demandHashes', [address, proposal, 1, 3, 2, 0, columns.root, []]);
      await announce(openings(), federation, 1, demander, data);
      const demand = await demandColumns();
      await scene.time.increase(answerSeconds + 1);
      await expect(openings().connect(helper).forfeit(demand, proposal))
        .to.emit(openings(), 'ProposalRefuted')
        .withArgs(demand.federation, 1, demander.address, openings().interface.getFunction('forfeit').selector)
        .and.to.emit(federation, 'ProposalVoided');
      expect(await stake.owedWei(demander.address)).to.equal(aggregatorBondWei / 2n);
      expect(await stake.owedWei(helper.address)).to.equal(0);
      expect(await openings().owedWei(demander.address)).to.equal(bondWeiOf(4));
      await expectHeld(scene, 0n);
    });

    it('earns nothing but the bond where the demand was a copy', async () => {
      const { stake, demander, helper, proposal } = scene;
      const demand = await demandOf(scene, await demandHashes(scene, helper, 'columns', 3, 2, 0));
      await scene.time.increase(answerSeconds + 1);
      await openings().forfeit(demand, proposal);
      expect(await stake.owedWei(helper.address)).to.equal(0);
      expect(await stake.slashedWei()).to.equal(aggregatorBondWei);
      expect(await openings().owedWei(helper.address)).to.equal(bondWeiOf(4));
      expect(await openings().owedWei(demander.address)).to.equal(0);
    });

    it('does not reach the same proposal made again', async () => {
      const { federation, stake, time, proposal, proposer, aggregators } = scene;
      const demand = await demandColumns();
      await time.setNextBlockTimestamp(Number(demand.answerBy) + 1);
      const second = await demandColumns(1);
      await openings().forfeit(demand, proposal);
      await bond(scene, proposer, aggregatorBondWei);
      await federation.connect(proposer).joinAsAggregator();
      await time.increase(parameters.submissionSeconds + parameters.turnSeconds);
      await proposeAs(federation, proposer, proposal, aggregators);
      const slashed = await stake.slashedWei();
      await expect(openings().forfeit(second, proposal)).to.be.revertedWithCustomError(openings(), 'AnotherProposal');
      expect(await stake.slashedWei()).to.equal(slashed);
      await openings().reclaim(second);
      expect(await openings().owedWei(scene.demander.address)).to.equal(bondWeiOf(4 + 2));
    });
  });
});
