import { expect } from 'chai';
import fc from 'fast-check';
import { concatBytes, fromHex, keccak256 } from '../../../client/core/hash.ts';
import { merkleRoot, verifyProof } from '../../../client/core/merkle.ts';
import {
  buildScoreTree,
  bytesToScores,
  commitScores,
  proveScore,
  scoresRoot,
  scoresToBytes,
} from '../../../client/core/rewards/scores.ts';
import { addressOf, codeOf, fuzzRuns, fuzzTimeout } from '../rounds.ts';

const salt = keccak256(Uint8Array.of(1));
const scoresOf = (count: number) => Int16Array.from({ length: count }, (_, i) => i * 100 - 900);

function hash(prefix: number, ...parts: Uint8Array[]): Uint8Array {
  return keccak256(concatBytes(Uint8Array.of(prefix), ...parts));
}

describe('scores', () => {
  it('refuses half a score, another length of salt, and a score that is not there', () => {
    expect(codeOf(() => bytesToScores(new Uint8Array(3)))).to.equal('ARGUMENT_INVALID');
    for (const length of [0, 31, 33]) {
      expect(codeOf(() => scoresRoot(new Uint8Array(length), scoresOf(1)))).to.equal('ARGUMENT_INVALID');
    }
    for (const index of [-1, 5, 15, 16, 0.5, Number.NaN]) {
      expect(
        codeOf(() => proveScore(scoresOf(5), index)),
        `${index}`,
      ).to.equal('ARGUMENT_INVALID');
    }
  });

  it('writes big-endian two’s complement', () => {
    expect(scoresToBytes(Int16Array.of(1, -1, -32_768, 0x1234))).to.deep.equal(fromHex('0001ffff80001234'));
  });

  it('commits one word as written down', () => {
    const word = fromHex('0001ffff'.padEnd(64, '0'));
    expect(scoresRoot(salt, Int16Array.of(1, -1))).to.deep.equal(
      hash(8, salt, Uint8Array.of(0, 0, 0, 2), hash(7, word)),
    );
  });

  it('commits three words as written down', () => {
    const bytes = new Uint8Array(96);
    bytes.set(scoresToBytes(scoresOf(33)));
    const [a, b, c] = [0, 32, 64].map((start) => hash(7, bytes.subarray(start, start + 32))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const root = hash(3, hash(3, a, b), hash(3, c, new Uint8Array(32)));
    expect(scoresRoot(salt, scoresOf(33))).to.deep.equal(hash(8, salt, Uint8Array.of(0, 0, 0, 33), root));
  });

  it('have a tree root of zero where there are none', () => {
    const root = hash(8, salt, new Uint8Array(4), new Uint8Array(32));
    expect(scoresRoot(salt, new Int16Array(0))).to.deep.equal(root);
  });

  it('binds the number of scores, zeros at the end too, and the salt', () => {
    const roots = [
      scoresRoot(salt, Int16Array.of(5)),
      scoresRoot(salt, Int16Array.of(5, 0)),
      scoresRoot(keccak256(salt), Int16Array.of(5)),
    ];
    expect(new Set(roots.map((root) => root.join())).size).to.equal(3);
  });

  it('commits to chain, contract, round and evaluator', () => {
    const context = { chainId: 5n, rewards: addressOf(1), round: 3, evaluator: addressOf(2) };
    const root = scoresRoot(salt, scoresOf(4));
    const commitments = [
      context,
      { ...context, chainId: 6n },
      { ...context, rewards: addressOf(3) },
      { ...context, round: 4 },
      { ...context, evaluator: addressOf(4) },
    ].map((changed) => commitScores(changed, root).join());
    expect(new Set(commitments).size).to.equal(5);
    const words = [5n, BigInt(addressOf(1)), 3n, BigInt(addressOf(2))].map((value) =>
      fromHex(value.toString(16).padStart(64, '0')),
    );
    expect(commitScores(context, root)).to.deep.equal(keccak256(concatBytes(...words, root)));
  });

  it('reads what it wrote and proves each score', () => {
    const scores = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(scores, fc.nat(), (values, at) => {
        const list = Int16Array.from(values);
        const index = at % values.length;
        expect(bytesToScores(scoresToBytes(list))).to.deep.equal(list);
        const { word, path } = proveScore(list, index);
        expect(bytesToScores(word)[index % 16]).to.equal(values[index]);
        const root = merkleRoot(buildScoreTree(list));
        expect(verifyProof(root, hash(7, word), Math.floor(index / 16), path)).to.equal(true);
      }),
      fuzzRuns(100),
    );
  }).timeout(fuzzTimeout);
});
