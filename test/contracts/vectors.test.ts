/** The vectors, recomputed by the contracts' libraries alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { dataSlice, id, keccak256, solidityPackedKeccak256, ZeroHash } from 'ethers';
import { type describeRound, type describeUpdate, type Given, type Kind, kinds } from '../../scripts/vectors.ts';
import type { CommitmentsProbe, VerifierProbe } from '../../types/ethers-contracts/index.js';
import { connect } from './connection.ts';
import { found } from './deployment.ts';
import { propose, submit } from './round.ts';

type Round = ReturnType<typeof describeRound>;
type Update = ReturnType<typeof describeUpdate>;
interface Vector<K extends Kind> {
  given: Given<K>;
  follows: Awaited<ReturnType<(typeof kinds)[K]>>;
}
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

  it('finds all vectors there', () => {
    expect(read('updates')).to.have.length.at.least(4);
    expect(read('rounds')).to.have.length.at.least(13);
  });
});

describe('What is given in the vectors', () => {
  const testChainId = 31_337;
  let probe: VerifierProbe;
  let commitments: CommitmentsProbe;

  before(async () => {
    const { ethers } = await connect();
    probe = await ethers.deployContract('VerifierProbe');
    commitments = await ethers.deployContract('CommitmentsProbe');
  });

  for (const [name, { given, follows }] of read<Vector<'submissions'>>('submissions')) {
    it(`has the hashes of submissions/${name}`, async () => {
      const { federation, round, trainer, updateRoot, cid } = given;
      expect(given.chainId).to.equal(testChainId);
      expect(await commitments.updateCommitment(federation, round, trainer, updateRoot)).to.equal(follows.commitment);
      expect(await commitments.submissionDigest(follows.terms, follows.commitment, cid)).to.equal(follows.digest);
    });
  }

  it('is held by slots and records as described', async () => {
    const { federation, trainers, aggregators } = await found();
    const [trainer, ...others] = trainers;
    const place = { chainId: testChainId, federation: await federation.getAddress() };
    const [cid, updateRoot] = [id('cid'), id('root')];
    const update = { round: 1, trainer: trainer!.address, updateRoot, squaredNorm: 12_345, weight: 258, cid };
    const { terms, commitment, slot } = kinds.submissions({ ...place, ...update });
    await federation.connect(trainer!).submitUpdate(terms, commitment, cid);
    expect(await federation.submissionSlot(trainer!.address, 1)).to.equal(slot);

    await submit(federation, ...others);
    const { proposal, proposer } = await propose(federation, aggregators, 3);
    const { omittedHash, ...rest } = proposal;
    const [round, baseRound, totalWeight] = [rest.round, rest.baseRound, rest.totalWeight].map(Number);
    const [rule, trimBasisPoints] = [rest.rule, rest.trimBasisPoints].map(Number);
    const described = kinds.proposals({
      ...place,
      proposer: proposer.address,
      proposal: {
        ...rest,
        round: round!,
        baseRound: baseRound!,
        totalWeight: totalWeight!,
        rule: rule!,
        trimBasisPoints: trimBasisPoints!,
      },
      omitted: [],
      nextReputations: ZeroHash,
    });
    expect(described.omittedHash).to.equal(omittedHash);
    expect((await federation.proposalOf(1)).digest).to.equal(described.storedDigest);
    expect(await federation.baseHash()).to.equal(described.nextBaseHash);
  });

  for (const [name, { given, follows }] of read<Vector<'scores'>>('scores')) {
    it(`gives the root of scores/${name}`, async () => {
      const { leafHashes, words, treeRoot } = follows;
      expect(words.map((word) => keccak256(`0x07${word.slice(2)}`))).to.deep.equal(leafHashes);
      expect(words.length === 0 ? ZeroHash : await rootOf(probe, leafHashes)).to.equal(treeRoot);
      expect(
        solidityPackedKeccak256(
          ['uint8', 'bytes32', 'uint32', 'bytes32'],
          [8, given.salt, given.scores.length, treeRoot],
        ),
      ).to.equal(follows.scoresRoot);
    });
  }

  for (const [name, { given, follows }] of read<Vector<'balances'>>('balances')) {
    it(`gives the root of balances/${name}`, async () => {
      const pageRoots = [];
      for (let page = 0; page < follows.pageRoots.length; page++) {
        const leaves = new Array<string>(256).fill(ZeroHash);
        for (let place = 256 * page; place < Math.min(follows.accounts, 256 * page + 256); place++) {
          const balance = dataSlice(given.balances, 10 * place, 10 * place + 10);
          leaves[place % 256] = solidityPackedKeccak256(['uint8', 'uint32', 'bytes10'], [9, place, balance]);
        }
        pageRoots.push(await rootOf(probe, leaves));
      }
      expect(pageRoots).to.deep.equal(follows.pageRoots);
      expect(await rootOf(probe, pageRoots)).to.equal(follows.balancesRoot);
    });
  }
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
