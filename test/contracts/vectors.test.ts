/** The vectors, recomputed by the contracts' libraries alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { dataSlice, keccak256, ZeroHash } from 'ethers';
import type { describeRound, describeUpdate } from '../../scripts/vectors.ts';
import type { VerifierProbe } from '../../types/ethers-contracts/index.js';
import { connect } from './connection.ts';

type Round = ReturnType<typeof describeRound>;
type Update = ReturnType<typeof describeUpdate>;
interface Node {
  hash: string;
  sum: bigint;
}

const folder = new URL('../../vectors/v1/', import.meta.url);
const ruleNumbers: Record<string, number> = { mean: 0, median: 1, trimmedMean: 2 };

function read<T>(kind: string): [string, T][] {
  const names = readdirSync(new URL(`${kind}/`, folder));
  return names.map((name) => [name, JSON.parse(readFileSync(new URL(`${kind}/${name}`, folder), 'utf8')) as T]);
}

/** Filled up to a power of two. */
function filled<T>(leaves: T[], empty: T): T[] {
  const size = 2 ** Math.ceil(Math.log2(leaves.length));
  return [...leaves, ...Array.from({ length: size - leaves.length }, () => empty)];
}

function groupsOf<T>(items: T[]): T[][] {
  return items.flatMap((_, index) => (index % 16 === 0 ? [items.slice(index, index + 16)] : []));
}

function weightsWord(weights: number[]): string {
  return `0x${weights.map((weight) => weight.toString(16).padStart(4, '0')).join('')}`.padEnd(66, '0');
}

/** The part of every update that lies in the chunk. */
function chunksOf(round: Round, chunk: number): string {
  return `0x${round.updates.map((update) => dataSlice(update, chunk * 128, chunk * 128 + 128).slice(2)).join('')}`;
}

function caseOf(round: Round, chunk: number) {
  const [name, share = '0'] = round.rule.split(':');
  return {
    rule: ruleNumbers[name!]!,
    trimBasisPoints: Math.round(Number(share) * 10_000),
    divisor: round.divisor,
    chunks: chunksOf(round, chunk),
    weights: groupsOf(round.weights).map(weightsWord),
    cuts: name === 'mean' ? '0x' : dataSlice(round.columns[chunk]!.states[0]!, 0, 256),
    baseChunk: dataSlice(round.model, chunk * 256, chunk * 256 + 256),
  };
}

async function rootOf(probe: VerifierProbe, leaves: string[]): Promise<string> {
  return await probe.reduce(filled(leaves, ZeroHash));
}

async function sumRootOf(probe: VerifierProbe, leaves: Node[]): Promise<Node> {
  const { hash, sum } = await probe.reduceSums(filled(leaves, { hash: ZeroHash, sum: 0n }));
  return { hash, sum };
}

describe('The verifier in Solidity, by the vectors,', () => {
  let probe: VerifierProbe;

  before(async () => {
    const { ethers } = await connect();
    probe = await ethers.deployContract('VerifierProbe');
  });

  for (const [name, round] of read<Round>('rounds')) {
    it(`recomputes rounds/${name}: every state, leaf and root`, async () => {
      const results = await probe.columns(round.columns.map((_, chunk) => caseOf(round, chunk)));
      const columnRoots: string[] = [];
      for (const [chunk, result] of results.entries()) {
        const column = round.columns[chunk]!;
        expect([...result.groupHashes]).to.deep.equal(column.groupHashes);
        expect(result.lastState).to.equal(column.states.at(-1));
        expect(result.hasWrongCut).to.equal(false);
        expect(result.modelLeaf).to.equal(
          keccak256(`0x02${dataSlice(round.nextModel, chunk * 256, chunk * 256 + 256).slice(2)}`),
        );
        columnRoots.push(await rootOf(probe, [...result.columnLeaves]));
      }
      expect(columnRoots).to.deep.equal(round.columns.map(({ root }) => root));
      expect(await rootOf(probe, columnRoots)).to.equal(round.columnsRoot);
      expect(
        await rootOf(
          probe,
          [...results].map(({ modelLeaf }) => modelLeaf),
        ),
      ).to.equal(round.modelRoot);
      for (const [trainer, updateRoot] of round.updateRoots.entries()) {
        const leaves = [...results].map(({ leafHashes, squaredNorms }) => ({
          hash: leafHashes[trainer]!,
          sum: squaredNorms[trainer]!,
        }));
        expect((await sumRootOf(probe, leaves)).hash).to.equal(updateRoot);
      }
      expect(await inputsRootOf(probe, round)).to.deep.equal({
        hash: round.inputsRoot,
        sum: BigInt(round.totalWeight),
      });
    });
  }

  for (const [name, update] of read<Update>('updates')) {
    it(`follows every proof of updates/${name}`, async () => {
      for (const [chunk, hash] of update.leafHashes.entries()) {
        const sums = update.proofSums[chunk]!;
        const path = update.proofHashes[chunk]!.map((sibling, i) => ({ hash: sibling, sum: sums[i]! }));
        const root = await probe.sumRoot({ hash, sum: update.leafSums[chunk]! }, chunk, path);
        expect([...root]).to.deep.equal([update.updateRoot, BigInt(update.squaredNorm)]);
      }
    });
  }

  it('are all there', () => {
    expect(read('updates')).to.have.length.at.least(4);
    expect(read('rounds')).to.have.length.at.least(13);
  });
});

async function inputsRootOf(probe: VerifierProbe, round: Round): Promise<Node> {
  const trainers = groupsOf(round.trainers);
  const updateRoots = groupsOf(round.updateRoots);
  const leaves: Node[] = [];
  for (const [group, weights] of groupsOf(round.weights).entries()) {
    const { hash, sum } = await probe.inputsGroup(weightsWord(weights), trainers[group]!, updateRoots[group]!);
    leaves.push({ hash, sum });
  }
  return await sumRootOf(probe, leaves);
}
