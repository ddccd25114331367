/**
 * The contracts' verifier against the aggregator's own code, bit for bit: random chunks (TRIBUTARY_FUZZ_CHUNKS of them) and
 * random trees.
 */
import { expect } from 'chai';
import { modelToBytes, squaredNorm, updateToBytes } from '../../client/core/codec.ts';
import { buildColumn, type VerifiedUpdate } from '../../client/core/columns.ts';
import { buildModelTree } from '../../client/core/commitment.ts';
import { concatBytes, fromHex, toHex } from '../../client/core/hash.ts';
import { buildInputsTree, groupInputs, groupWeights } from '../../client/core/inputs.ts';
import { kernels } from '../../client/core/kernels/kernels.ts';
import { buildMerkleTree, merkleRoot, proveLeaf } from '../../client/core/merkle.ts';
import { chunkCoordinates, maxInputs, roundedStep, treeDepth } from '../../client/core/numbers.ts';
import { createRandom } from '../../client/core/random.ts';
import { parseRule } from '../../client/core/rules/parseRule.ts';
import type { Rule } from '../../client/core/rules/rule.ts';
import { buildSumTree, proveNode, type SumNode, sumTreeRoot } from '../../client/core/sumTree.ts';
import { prepareUpdate } from '../../client/core/verify.ts';
import type { VerifierProbe } from '../../types/ethers-contracts/index.js';
import { connect } from './connection.ts';

const fuzzChunks = Number(process.env.TRIBUTARY_FUZZ_CHUNKS ?? 4000);
/** Updates' chunks in a call, so that it stays within a call's gas. */
const callChunks = 250;
const seed = process.env.TRIBUTARY_FUZZ_SEED ?? 'verifier';
const random = createRandom(seed);
const ruleNumbers = { mean: 0, median: 1, trimmedMean: 2 };

const randomHash = () => Uint8Array.from({ length: 32 }, () => random.below(256));
const hexNode = ({ hash, sum }: SumNode) => ({ hash: toHex(hash), sum });

/** One chunk of a round and what it starts from. */
interface Case {
  rule: Rule;
  updates: VerifiedUpdate[];
  /** [64] */
  base: Int32Array;
}

function randomInt16(): number {
  const kind = random.below(8);
  if (kind === 0) return random.below(2) === 0 ? -32_768 : 32_767;
  if (kind === 1) return random.below(3) - 1;
  return random.below(65_536) - 32_768;
}

function randomCase(): Case {
  const rule = parseRule(['mean', 'median', `trimmedMean:${(1 + random.below(4_999)) / 10_000}`][random.below(3)]!);
  const count = 1 + random.below(random.below(4) === 0 ? 50 : 18);
  const largest = random.below(4) === 0;
  const updates = Array.from({ length: count }, (_, index) => {
    const weight = largest ? 65_535 : 1 + random.below(65_535);
    const values = Int16Array.from({ length: chunkCoordinates }, randomInt16);
    return prepareUpdate(`0x${(index + 1).toString(16).padStart(40, '0')}`, weight, values);
  });
  const near = [-(2 ** 31), 2 ** 31 - 1, 0];
  const base = Int32Array.from({ length: chunkCoordinates }, () =>
    random.below(4) === 0 ? near[random.below(3)]! : random.uint32() | 0,
  );
  return { rule, updates, base };
}

/** As the contract takes it, and what core makes of it. */
function describeCase({ rule, updates, base }: Case) {
  const column = buildColumn(rule, updates, 0);
  const next = base.slice();
  kernels.stepModelInPlace(next, column.biasedSums, column.divisor);
  const given = {
    rule: ruleNumbers[rule.name],
    trimBasisPoints: rule.trimBasisPoints,
    divisor: column.divisor,
    chunks: toHex(concatBytes(...updates.map(({ values }) => updateToBytes(values)))),
    weights: groupInputs(updates).map((group) => toHex(groupWeights(group))),
    cuts: rule.name === 'mean' ? '0x' : toHex(column.states[0]!.subarray(0, 256)),
    baseChunk: toHex(modelToBytes(base)),
  };
  const expected = [
    updates.map(({ leafHashes }) => toHex(leafHashes)),
    updates.map(({ values }) => BigInt(squaredNorm(values))),
    column.groupHashes.map(toHex),
    column.states.map((_, group) => toHex(column.tree.levels[0]!.slice(group * 32, group * 32 + 32))),
    toHex(column.states.at(-1)!),
    false,
    toHex(merkleRoot(buildModelTree(next))),
  ];
  return { given, expected };
}

async function compare(probe: VerifierProbe, cases: Case[]): Promise<void> {
  const described = cases.map(describeCase);
  const results = await probe.columns(described.map(({ given }) => given));
  results.forEach((result, index) => {
    const found = [...result].map((field) => (Array.isArray(field) ? [...field] : field));
    expect(found, JSON.stringify(described[index]!.given)).to.deep.equal(described[index]!.expected);
  });
}

describe('The verifier in Solidity', function () {
  this.timeout(60_000 + fuzzChunks * 10);
  let probe: VerifierProbe;

  before(async () => {
    const { ethers } = await connect();
    probe = await ethers.deployContract('VerifierProbe');
  });

  it(`folds, hashes and steps ${fuzzChunks} random chunks as the aggregator does (seed "${seed}")`, async () => {
    let compared = 0;
    while (compared < fuzzChunks) {
      const cases: Case[] = [];
      let chunks = 0;
      for (; chunks < callChunks; chunks += cases.at(-1)!.updates.length) cases.push(randomCase());
      await compare(probe, cases);
      compared += chunks;
    }
  });

  it('sees a cut value of a wrong rank', async () => {
    const rule = parseRule('median');
    const rows = [[1], [2], [3], [4]].map((row) => Int16Array.from(row));
    const updates = rows.map((values, i) => prepareUpdate(`0x${String(i + 1).padStart(40, '0')}`, 1, values));
    const { given } = describeCase({ rule, updates, base: new Int32Array(1) });
    const cutsOf = (low: number, high: number) => {
      const cuts = fromHex(given.cuts);
      [cuts[1], cuts[129]] = [low, high];
      return { ...given, baseChunk: toHex(modelToBytes(new Int32Array(64))), cuts: toHex(cuts) };
    };
    const results = await probe.columns([cutsOf(2, 3), cutsOf(1, 3), cutsOf(2, 4), cutsOf(3, 3), cutsOf(2, 2)]);
    expect(results.map(({ hasWrongCut }) => hasWrongCut)).to.deep.equal([false, true, true, true, true]);
  });

  it('rounds as the aggregator does, next to halves and at the limits', async () => {
    const sums: number[] = [];
    const divisors: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const divisor = random.below(4) === 0 ? maxInputs ** 2 - random.below(3) : 1 + random.below(2 ** 32);
      // a quotient, and a remainder next to a half of a model unit
      const halves = random.below(512);
      const near = Math.floor((halves * divisor) / 512) + random.below(3) - 1;
      sums.push(random.below(65_535) * divisor + Math.max(0, Math.min(divisor - 1, near)));
      divisors.push(divisor);
    }
    const steps = await probe.roundedSteps(sums, divisors);
    expect(steps.map(Number)).to.deep.equal(sums.map((sum, i) => roundedStep(sum, divisors[i]!)));
  });

  it('hashes Merkle trees and sum trees as the aggregator does', async () => {
    for (const count of [1, 2, 3, 16, 17, 40]) {
      const leaves = Array.from({ length: count }, randomHash);
      const sums = Float64Array.from({ length: count }, () => random.below(2 ** 32) * 2 ** 14 + random.below(2 ** 14));
      const tree = buildMerkleTree(concatBytes(...leaves));
      const sumTree = buildSumTree(concatBytes(...leaves), sums);
      const filled = 2 ** treeDepth(count);
      const hashes = Array.from({ length: filled }, (_, i) => leaves[i] ?? new Uint8Array(32));
      expect(await probe.reduce(hashes.map(toHex))).to.equal(toHex(merkleRoot(tree)));
      const nodes = hashes.map((hash, i) => ({ hash, sum: sums[i] ?? 0 }));
      const root = sumTreeRoot(sumTree);
      const rootFields = [toHex(root.hash), BigInt(root.sum)];
      expect([...(await probe.reduceSums(nodes.map(hexNode)))]).to.deep.equal(rootFields);
      for (const index of new Set([0, count - 1, filled - 1])) {
        const path = proveLeaf(tree, index).map(toHex);
        expect(await probe.merkleRoot(hashes[index]!, index, path)).to.equal(toHex(merkleRoot(tree)));
        const sumPath = proveNode(sumTree, 0, index).map(hexNode);
        expect([...(await probe.sumRoot(hexNode(nodes[index]!), index, sumPath))]).to.deep.equal(rootFields);
      }
    }
  });

  it("hashes a round's inputs as the aggregator does", async () => {
    for (const count of [1, 15, 16]) {
      const inputs = Array.from({ length: count }, () => ({
        trainer: toHex(randomHash().subarray(0, 20)),
        updateRoot: randomHash(),
        weight: random.below(2) === 0 ? 65_535 : 1 + random.below(65_535),
      }));
      const tree = buildInputsTree(inputs);
      const { hash, sum } = await probe.inputsGroup(
        toHex(groupWeights(tree.inputs)),
        tree.inputs.map(({ trainer }) => trainer),
        tree.inputs.map(({ updateRoot }) => updateRoot),
      );
      expect({ hash, sum }).to.deep.equal({
        hash: toHex(sumTreeRoot(tree.tree).hash),
        sum: BigInt(sumTreeRoot(tree.tree).sum),
      });
    }
  });
});
