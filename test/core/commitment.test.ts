import { expect } from 'chai';
import { AbiCoder, keccak256 as ethersKeccak256 } from 'ethers';
import { modelToBytes, updateToBytes } from '../../client/core/codec.ts';
import { buildModelTree, buildUpdateTree, commitUpdate, type SubmissionContext } from '../../client/core/commitment.ts';
import { concatBytes, keccak256, toHex } from '../../client/core/hash.ts';
import { sumTreeRoot } from '../../client/core/sumTree.ts';
import { prepareUpdate, verifyModel, verifyUpdate } from '../../client/core/verify.ts';
import { addressOf, codeOf } from './rounds.ts';

const context: SubmissionContext = {
  chainId: 1329n,
  federation: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  round: 7,
  trainer: addressOf(3),
};
const values = Int16Array.from({ length: 150 }, (_, i) => 300 * i - 22_000);

describe('buildUpdateTree', () => {
  it('hashes chunks of 64 coordinates and sums their squares', () => {
    const { hashes, sums, depth } = buildUpdateTree(values);
    const bytes = updateToBytes(values);
    expect(depth).to.equal(2);
    for (let chunk = 0; chunk < 3; chunk++) {
      const message = concatBytes(Uint8Array.of(0), bytes.subarray(chunk * 128, chunk * 128 + 128));
      expect(hashes[0]!.slice(chunk * 32, chunk * 32 + 32)).to.deep.equal(keccak256(message));
      const norm = values.slice(chunk * 64, chunk * 64 + 64).reduce((sum, value) => sum + BigInt(value) ** 2n, 0n);
      expect(BigInt(sums[0]![chunk]!)).to.equal(norm);
    }
  });
});

describe('buildModelTree', () => {
  it('hashes chunks of 64 coordinates', () => {
    const model = Int32Array.from({ length: 65 }, (_, i) => -i * 1e6);
    const bytes = modelToBytes(model);
    const leaf = (chunk: number) =>
      keccak256(concatBytes(Uint8Array.of(2), bytes.subarray(chunk * 256, chunk * 256 + 256)));
    expect(buildModelTree(model).levels[0]).to.deep.equal(concatBytes(leaf(0), leaf(1)));
  });
});

describe('commitUpdate', () => {
  const root = keccak256(Uint8Array.of(1));

  it('is the hash of abi.encode', () => {
    const encoded = AbiCoder.defaultAbiCoder().encode(
      ['uint256', 'address', 'uint256', 'address', 'bytes32'],
      [context.chainId, context.federation, context.round, context.trainer, toHex(root)],
    );
    expect(toHex(commitUpdate(context, root))).to.equal(ethersKeccak256(encoded));
  });

  it('binds chain, contract, round, sender and root', () => {
    const others = [
      commitUpdate({ ...context, chainId: 1n }, root),
      commitUpdate({ ...context, federation: addressOf(0) }, root),
      commitUpdate({ ...context, round: 8 }, root),
      commitUpdate({ ...context, trainer: addressOf(4) }, root),
      commitUpdate(context, keccak256(root)),
    ];
    const all = [commitUpdate(context, root), ...others].map(toHex);
    expect(new Set(all).size).to.equal(6);
  });
});

describe('verifyUpdate', () => {
  const { hash, sum } = sumTreeRoot(buildUpdateTree(values));
  const claim = { commitment: commitUpdate(context, hash), squaredNorm: sum, weight: 5 };
  const bytes = updateToBytes(values);

  it('refuses bytes of another length, another update, another round and a false norm', () => {
    const changed = bytes.slice();
    changed[10]! ^= 1;
    expect(codeOf(() => verifyUpdate(bytes.subarray(2), 150, context, claim))).to.equal('ARGUMENT_INVALID');
    expect(codeOf(() => verifyUpdate(changed, 150, context, claim))).to.equal('COMMITMENT_MISMATCH');
    expect(codeOf(() => verifyUpdate(bytes, 150, { ...context, round: 8 }, claim))).to.equal('COMMITMENT_MISMATCH');
    expect(() => verifyUpdate(bytes, 150, context, { ...claim, squaredNorm: sum - 1 }))
      .to.throw(/squared norm/)
      .with.property('code', 'COMMITMENT_MISMATCH');
  });

  it('gives the update that its trainer prepared', () => {
    expect(verifyUpdate(bytes, 150, context, claim)).to.deep.equal(prepareUpdate(context.trainer, 5, values));
  });
});

describe('verifyModel', () => {
  it('accepts the model of a root and no other', () => {
    const model = Int32Array.of(1, -2, 3);
    const root = buildModelTree(model).levels[0]!;
    expect(codeOf(() => verifyModel(model, root))).to.equal(undefined);
    expect(codeOf(() => verifyModel(Int32Array.of(1, -2, 4), root))).to.equal('COMMITMENT_MISMATCH');
  });
});
