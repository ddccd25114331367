import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { AbiCoder, id, keccak256 } from 'ethers';
import { deploy, found } from './deployment.ts';
import { packTerms, propose, submission, submit } from './round.ts';

interface UpdateVector {
  chainId: number;
  federation: string;
  round: number;
  trainer: string;
  updateRoot: string;
  commitment: string;
}

const folder = new URL('../../vectors/v1/updates/', import.meta.url);

describe('Commitments', () => {
  for (const name of readdirSync(folder)) {
    it(`updateCommitment agrees with vectors/v1/updates/${name}`, async () => {
      const vector = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as UpdateVector;
      const { ethers } = await deploy();
      expect((await ethers.provider.getNetwork()).chainId).to.equal(BigInt(vector.chainId));
      const probe = await ethers.deployContract('CommitmentsProbe');
      const { federation, round, trainer, updateRoot } = vector;
      expect(await probe.updateCommitment(federation, round, trainer, updateRoot)).to.equal(vector.commitment);
      expect(await probe.updateCommitment(federation, round + 1, trainer, updateRoot)).to.not.equal(vector.commitment);
    });
  }

  it('submissionDigest is the hash of the ABI encoding', async () => {
    const { ethers } = await deploy();
    const probe = await ethers.deployContract('CommitmentsProbe');
    const values = [packTerms(3, 2n ** 53n - 1n, 65_535), id('commitment'), id('cid')] as const;
    const encoded = AbiCoder.defaultAbiCoder().encode(['uint120', 'bytes32', 'bytes32'], values);
    expect(await probe.submissionDigest(...values)).to.equal(keccak256(encoded));
  });

  it("a trainer's slot holds round and digest, a proposal's record its digest", async () => {
    const { federation, ethers, trainers, aggregators } = await found();
    await submit(federation, ...trainers);
    const values = submission(trainers[0]!.address, 1);
    const digest = BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(['uint120', 'bytes32', 'bytes32'], values)));
    const slot = (1n << 224n) | (digest & (2n ** 224n - 1n));
    expect(await federation.submissionSlot(trainers[0]!.address, 1)).to.equal(slot);

    const { proposal, proposer } = await propose(federation, aggregators, 3);
    const fragment = federation.interface.getFunction('proposeAggregate').inputs[0]!;
    const { chainId } = await ethers.provider.getNetwork();
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'address', fragment],
      [chainId, await federation.getAddress(), proposer.address, proposal],
    );
    expect((await federation.proposalOf(1)).digest).to.equal(keccak256(encoded).slice(0, 2 + 2 * 28));
  });
});
