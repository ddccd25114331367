import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { toHex } from '../../client/core/hash.ts';
import { groupInputs } from '../../client/core/inputs.ts';
import { sumNodeAt } from '../../client/core/sumTree.ts';
import {
  bondWeiOf,
  type DemandStruct,
  demandHashes,
  demandInputs,
  demandOf,
  expectHeld,
  type Scene,
  setScene,
} from './demands.ts';
import { columnLeaf, inputOpening, sumNode, updateLeaf } from './evidence.ts';

describe('Openings, answers', () => {
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

  describe('answer', () => {
    it('refuses an answer that is not what was demanded', async () => {
      const demand = await demandColumns();
      const contract = openings().connect(scene.helper);
      const nodes = columnsBelow();
      const { proposal } = scene;
      await expect(contract.openHashes(demand, proposal, nodes.slice(1)))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(3, 4);
      await expect(contract.openHashes(demand, proposal, [...nodes, ZeroHash]))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(5, 4);
      await expect(contract.openHashes(demand, proposal, nodes.toReversed())).to.be.revertedWithCustomError(
        contract,
        'WrongOpening',
      );
      await expect(contract.openColumnLeaf(demand, proposal, nodes, '0x')).to.be.revertedWithCustomError(
        contract,
        'AnotherOpening',
      );
      await expect(contract.openSums(demand, proposal, [])).to.be.revertedWithCustomError(contract, 'AnotherOpening');
      await expect(contract.openInputsGroup(demand, proposal, 0, [], [])).to.be.revertedWithCustomError(
        contract,
        'AnotherOpening',
      );
      const others = [
        { index: 1n },
        { bondWei: 2n * demand.bondWei },
        { demander: scene.helper.address },
        { answerBy: demand.answerBy + 1n },
      ];
      for (const other of others) {
        await expect(contract.openHashes({ ...demand, ...other }, proposal, nodes)).to.be.revertedWithCustomError(
          contract,
          'NotDemanded',
        );
      }
      await expect(contract.openHashes(demand, { ...proposal, totalWeight: 7n }, nodes)).to.be.revertedWithCustomError(
        scene.federation,
        'AnotherProposal',
      );
    });

    it('refuses an answer that is late, and a second one', async () => {
      const demand = await demandColumns();
      const contract = openings().connect(scene.helper);
      const snapshot = await scene.networkHelpers.takeSnapshot();
      await scene.time.setNextBlockTimestamp(Number(demand.answerBy));
      await contract.openHashes(demand, scene.proposal, columnsBelow());
      await expect(contract.openHashes(demand, scene.proposal, columnsBelow())).to.be.revertedWithCustomError(
        contract,
        'NotDemanded',
      );
      await snapshot.restore();
      await scene.time.setNextBlockTimestamp(Number(demand.answerBy) + 1);
      await expect(contract.openHashes(demand, scene.proposal, columnsBelow()))
        .to.be.revertedWithCustomError(contract, 'AnswerLate')
        .withArgs(demand.answerBy);
    });

    it('pays the proposer all of the bond for its own, and half for that of another', async () => {
      const first = await demandColumns();
      await openings().connect(scene.proposer).openHashes(first, scene.proposal, columnsBelow());
      expect(await openings().owedWei(scene.proposer.address)).to.equal(bondWeiOf(4));
      const second = await demandColumns();
      await openings().connect(scene.helper).openHashes(second, scene.proposal, columnsBelow());
      expect(await openings().owedWei(scene.helper.address)).to.equal(bondWeiOf(2));
      expect(await openings().owedWei(scene.proposer.address)).to.equal(bondWeiOf(6));
      // who demands and answers itself loses half
      const third = await demandColumns();
      await openings().connect(scene.demander).openHashes(third, scene.proposal, columnsBelow());
      expect(await openings().owedWei(scene.demander.address)).to.equal(bondWeiOf(2));
      await expectHeld(scene, 0n);
    });

    it('shows nodes of the model and of the inputs, a leaf of the columns, and a group of inputs', async () => {
      const { proposal, right, posted } = scene;
      const contract = openings().connect(scene.proposer);
      const model = await demandOf(scene, await demandHashes(scene, scene.demander, 'model', 1, 1, 1));
      await expect(contract.openHashes(model, proposal, posted.model.below(1, 1, 1))).to.emit(contract, 'HashesOpened');

      const { tree } = right.inputsTree;
      const sums = await demandOf(scene, await demandInputs(scene, scene.demander, 1, 1, 0));
      const leaves = [0, 1].map((index) => sumNode(sumNodeAt(tree, 0, index)));
      const other = leaves.map((node) => ({ ...node, sum: node.sum + 1n }));
      await expect(contract.openSums(sums, proposal, other)).to.be.revertedWithCustomError(contract, 'WrongOpening');
      await expect(contract.openSums(sums, proposal, leaves.slice(1))).to.be.revertedWithCustomError(
        contract,
        'WrongPathLength',
      );
      await expect(contract.openSums(sums, proposal, leaves)).to.emit(contract, 'SumsOpened');

      // chunk 2, group 1: four updates
      const leaf = await demandOf(scene, await demandHashes(scene, scene.demander, 'columns', 0, 0, 5));
      const { state } = columnLeaf(right, 2, 1);
      const hashes = right.updates.slice(16).map((update) => updateLeaf(update, 2).leaf.hash);
      expect(hashes).to.have.lengthOf(4);
      await expect(contract.openColumnLeaf(leaf, proposal, [...hashes, ZeroHash], state))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(5, 4);
      await expect(contract.openColumnLeaf(leaf, proposal, hashes, `${state}00`))
        .to.be.revertedWithCustomError(contract, 'WrongStateLength')
        .withArgs(513, 512);
      await expect(contract.openColumnLeaf(leaf, proposal, hashes.toReversed(), state)).to.be.revertedWithCustomError(
        contract,
        'WrongOpening',
      );
      await expect(contract.openColumnLeaf(leaf, proposal, hashes, state)).to.emit(contract, 'ColumnLeafOpened');

      const group = await demandOf(scene, await demandInputs(scene, scene.demander, 0, 0, 1));
      const [trainers, updateRoots] = filledGroup();
      const { weights } = inputOpening(right, 16);
      await expect(
        contract.openInputsGroup(group, proposal, weights, trainers.slice(1), updateRoots),
      ).to.be.revertedWithCustomError(contract, 'WrongPathLength');
      await expect(
        contract.openInputsGroup(group, proposal, weights, trainers, updateRoots.slice(1)),
      ).to.be.revertedWithCustomError(contract, 'WrongPathLength');
      await expect(
        contract.openInputsGroup(group, proposal, weights + 1n, trainers, updateRoots),
      ).to.be.revertedWithCustomError(contract, 'WrongOpening');
      await expect(contract.openInputsGroup(group, proposal, weights, trainers, updateRoots)).to.emit(
        contract,
        'InputsGroupOpened',
      );
      await expectHeld(scene, 0n);
    });
  });

  /** The second group's entries, 16 with the empty ones. */
  function filledGroup(): [string[], string[]] {
    const members = groupInputs(scene.right.updates)[1]!;
    const place = <T>(value: (index: number) => T | undefined, empty: T) =>
      Array.from({ length: 16 }, (_, i) => value(i) ?? empty);
    return [
      place((i) => members[i]?.trainer, `0x${'00'.repeat(20)}`),
      place((i) => members[i] && toHex(members[i].updateRoot), ZeroHash),
    ];
  }
});
