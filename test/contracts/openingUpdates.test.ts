import { expect } from 'chai';
import { toHex } from '../../client/core/hash.ts';
import { bondWeiOf, type DemandStruct, demandHashes, demandOf, expectHeld, type Scene, setScene } from './demands.ts';
import { aggregatorBondWei, parameters } from './deployment.ts';
import { chunkOf, inputOpening, updateLeaf } from './evidence.ts';

describe('Openings, updates and several answers', () => {
  let scene: Scene;
  let restore: () => Promise<void>;

  before(async function () {
    this.timeout(20_000);
    // 4 chunks, the last of them filled up; 20 updates in 2 groups
    scene = await setScene({ count: 20, dimension: 200 });
    ({ restore } = await scene.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  const openings = () => scene.challenges.openings;

  async function demandUpdate(index: number, chunk: number, value = bondWeiOf(32)) {
    const { federation, proposal, right, demander } = scene;
    return await openings()
      .connect(demander)
      .demandUpdate(federation, proposal, inputOpening(right, index), chunk, { value });
  }

  /** The arguments of the answer with a chunk of an update. */
  function opening(demand: DemandStruct, index: number, chunk: number) {
    const update = scene.right.updates[index]!;
    return [demand, scene.proposal, toHex(chunkOf(update, chunk)), updateLeaf(update, chunk).path] as const;
  }

  describe('demandUpdate', () => {
    it('refuses a chunk that does not exist, an update that the proposal does not take in, and another bond', async () => {
      const { federation, proposal, right, demander } = scene;
      const contract = openings().connect(demander);
      await expect(demandUpdate(17, 4)).to.be.revertedWithCustomError(contract, 'NoSuchChunk').withArgs(4, 4);
      await expect(demandUpdate(20, 0), 'an empty place').to.be.revertedWithCustomError(contract, 'NothingToOpen');
      for (const value of [0n, bondWeiOf(32) - 1n, bondWeiOf(1)]) {
        await expect(demandUpdate(17, 3, value))
          .to.be.revertedWithCustomError(contract, 'WrongBond')
          .withArgs(value, bondWeiOf(32));
      }
      const input = { ...inputOpening(right, 17), updateRoot: toHex(right.updates[16]!.updateRoot) };
      await expect(
        contract.demandUpdate(federation, proposal, input, 0, { value: bondWeiOf(32) }),
      ).to.be.revertedWithCustomError(contract, 'NotAnInput');
      await expect(
        contract.demandUpdate(federation, { ...proposal, totalWeight: 7n }, inputOpening(right, 17), 0, {
          value: bondWeiOf(32),
        }),
      ).to.be.revertedWithCustomError(federation, 'AnotherProposal');
    });

    it('binds the update and the chunk, with the bond of a leaf', async () => {
      const demand = await demandOf(scene, await demandUpdate(17, 3));
      expect(demand).to.deep.include({ tree: 3n, height: 0n, span: 0n, index: 3n, bondWei: bondWeiOf(32) });
      expect(demand.node).to.deep.equal({ hash: toHex(scene.right.updates[17]!.updateRoot), sum: 0n });
      await expectHeld(scene, bondWeiOf(32));
    });
  });

  describe('openUpdateChunk', () => {
    it('refuses another chunk, another update, another way and other lengths', async () => {
      const demand = await demandOf(scene, await demandUpdate(17, 2));
      const contract = openings().connect(scene.proposer);
      const [, , chunk, path] = opening(demand, 17, 2);
      const open = (bytes: string, way: typeof path) => contract.openUpdateChunk(demand, scene.proposal, bytes, way);
      const wrong = [
        opening(demand, 17, 1),
        opening(demand, 16, 2),
        [demand, scene.proposal, chunk, path.toReversed()],
        [demand, scene.proposal, chunk, path.map(({ hash, sum }) => ({ hash, sum: sum + 1n }))],
        [demand, scene.proposal, `${chunk.slice(0, -2)}${chunk.endsWith('00') ? '01' : '00'}`, path],
      ] as const;
      for (const [, , bytes, way] of wrong) {
        await expect(open(bytes, [...way])).to.be.revertedWithCustomError(contract, 'WrongOpening');
      }
      await expect(open(`${chunk}00`, path))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(129, 128);
      await expect(open(chunk.slice(0, -2), path)).to.be.revertedWithCustomError(contract, 'WrongPathLength');
      await expect(open(chunk, path.slice(1)))
        .to.be.revertedWithCustomError(contract, 'WrongPathLength')
        .withArgs(1, 2);
      await open(chunk, path);
    });

    it('answers a demand for an update only, and no other function answers one', async () => {
      const { proposal } = scene;
      const update = await demandOf(scene, await demandUpdate(17, 0));
      const leaf = await demandOf(scene, await demandHashes(scene, scene.demander, 'columns', 0, 0, 5));
      const contract = openings().connect(scene.proposer);
      for (const call of [
        contract.openUpdateChunk(...opening(leaf, 17, 0)),
        contract.openHashes(update, proposal, []),
        contract.openSums(update, proposal, []),
        contract.openColumnLeaf(update, proposal, [], '0x'),
        contract.openInputsGroup(update, proposal, 0, [], []),
      ]) {
        await expect(call).to.be.revertedWithCustomError(contract, 'AnotherOpening');
      }
    });

    it('shows any chunk, the first and the last, and pays whoever shows it', async () => {
      for (const [index, chunk] of [
        [0, 0],
        [19, 3],
      ] as const) {
        const demand = await demandOf(scene, await demandUpdate(index, chunk));
        const args = opening(demand, index, chunk);
        const shown = args[3].map(({ hash, sum }) => [hash, sum]);
        await expect(
          openings()
            .connect(scene.helper)
            .openUpdateChunk(...args),
        )
          .to.emit(openings(), 'UpdateChunkOpened')
          .withArgs((value: string) => /^0x[0-9a-f]{64}$/.test(value), scene.helper.address, args[2], shown);
      }
      expect(await openings().owedWei(scene.helper.address)).to.equal(bondWeiOf(32));
      expect(await openings().owedWei(scene.proposer.address)).to.equal(bondWeiOf(32));
      await expectHeld(scene, 0n);
    });

    it('costs the proposer its bond where nobody shows it', async () => {
      const { federation, stake, proposal, time } = scene;
      const demand = await demandOf(scene, await demandUpdate(17, 1));
      await time.increase(parameters.answerSeconds + 1);
      await expect(openings().forfeit(demand, proposal)).to.emit(federation, 'ProposalVoided');
      expect(await stake.slashedWei()).to.equal(aggregatorBondWei);
      expect(await openings().owedWei(scene.demander.address)).to.equal(bondWeiOf(32));
    });
  });

  describe('answer', () => {
    const encode = (name: string, args: readonly unknown[]) =>
      openings().interface.encodeFunctionData(name as never, args as never);

    async function twoDemands() {
      const update = await demandOf(scene, await demandUpdate(17, 2));
      const columns = await demandOf(scene, await demandHashes(scene, scene.demander, 'columns', 3, 2, 0));
      return {
        chunk: encode('openUpdateChunk', opening(update, 17, 2)),
        hashes: encode('openHashes', [columns, scene.proposal, scene.posted.columns.below(3, 0, 2)]),
      };
    }

    it('undoes all answers where one fails, and says why', async () => {
      const { chunk, hashes } = await twoDemands();
      const contract = openings().connect(scene.proposer);
      await expect(contract.answer([hashes, chunk, hashes])).to.be.revertedWithCustomError(contract, 'NotDemanded');
      expect(await contract.owedWei(scene.proposer.address)).to.equal(0);
      await expectHeld(scene, bondWeiOf(32 + 4));
      await contract.answer([hashes, chunk]);
    });

    it('takes no money, and lets a call within it spend none', async () => {
      const { chunk } = await twoDemands();
      const { federation, proposal, right, demander, posted } = scene;
      const contract = openings().connect(demander);
      const address = await federation.getAddress();
      const update = encode('demandUpdate', [address, proposal, inputOpening(right, 3), 0]);
      const node = encode('demandHashes', [address, proposal, 1, 3, 2, 0, posted.columns.root, []]);
      for (const [demand, nodes] of [
        [update, 32],
        [node, 4],
      ] as const) {
        await expect(contract.answer([demand]))
          .to.be.revertedWithCustomError(contract, 'WrongBond')
          .withArgs(0, bondWeiOf(nodes));
        await expect(contract.answer([chunk, demand, demand])).to.be.revertedWithCustomError(contract, 'WrongBond');
      }
      const data = encode('answer', [[update, update]]);
      const paid = demander.sendTransaction({ to: await contract.getAddress(), data, value: bondWeiOf(32) });
      await expect(paid).to.revert(scene.ethers);
      await expectHeld(scene, bondWeiOf(32 + 4));
    });

    it('answers several demands, each paid as if it had come alone; an empty list is no fault', async () => {
      const { chunk, hashes } = await twoDemands();
      const contract = openings().connect(scene.helper);
      await contract.answer([]);
      await expect(contract.answer([chunk, hashes]))
        .to.emit(contract, 'UpdateChunkOpened')
        .and.to.emit(contract, 'HashesOpened');
      expect(await contract.owedWei(scene.helper.address)).to.equal(bondWeiOf(18));
      expect(await contract.owedWei(scene.proposer.address)).to.equal(bondWeiOf(18));
      await expectHeld(scene, 0n);
    });
  });
});
