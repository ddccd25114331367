/** Evidence built in core holds on the chain: for each challenge a round that is really false, and what its proof brings about. */
import { expect } from 'chai';
import { id, ZeroAddress } from 'ethers';
import { challengeSignatures } from '../../../client/core/challenges/attestations.ts';
import type { Challenge } from '../../../client/core/challenges/challenge.ts';
import { openInput } from '../../../client/core/challenges/evidence.ts';
import { directInputs } from '../../../client/core/challenges/model.ts';
import {
  challengeCopy,
  challengeUpdate,
  challengeUpdateOfInput,
  servedTree,
} from '../../../client/core/challenges/trainer.ts';
import { updateToBytes } from '../../../client/core/codec.ts';
import type { VerifiedUpdate } from '../../../client/core/columns.ts';
import { buildUpdateTree } from '../../../client/core/commitment.ts';
import { fromHex } from '../../../client/core/hash.ts';
import { createRandom } from '../../../client/core/random.ts';
import { buildSumTree, proveNode, type SumTree, sumTreeRoot } from '../../../client/core/sumTree.ts';
import type { ProposalStruct } from '../faults.ts';
import { attest } from '../round.ts';
import { proposeStaged, type Staged, stage, submitVerified } from '../stagedRound.ts';
import { falsify } from './falsify.ts';
import { type Changes, post } from './posted.ts';
import { follow, type Scene, transactionOf } from './pursuit.ts';
import { evidenceOf, playReal, propose, type RealRound } from './rounds.ts';

const dimension = 130;
const [count, chunks] = [20, 3];

/** Three chunks in a tree for four, twenty updates in two groups. */
function play(rule: string, omitted = 0): Promise<RealRound> {
  return playReal({ rule, count, dimension, omitted, seed: rule });
}

function proposeChanged(real: RealRound, changes: Changes): Promise<Scene> {
  return propose(real, post(real.right, changes));
}

async function proposeFalsified(kind: string, real: RealRound): Promise<Scene> {
  const falsified = falsify(kind, real, createRandom(kind))!;
  return await propose(falsified.real, falsified.posted);
}

const someHash = fromHex(id('some hash'));
/** A leaf, or a group, that is not what it was. */
const filled = (index: number) => ({ height: 0, index, alter: () => someHash });
const emptied = (index: number) => ({ height: 0, index, alter: () => new Uint8Array(32) });

/** For each way to void a proposal: one that it voids. */
const proposals: Record<string, () => Promise<Scene>> = {
  refuteModelChunk: async () => await proposeFalsified('model', await play('trimmedMean:0.2')),
  refuteModelDirectly: async () => await proposeFalsified('poisoned', await play('median')),
  refuteModelShape: async () => await proposeChanged(await play('mean'), { modelNode: filled(chunks) }),
  refuteColumnEntry: async () => await proposeFalsified('leafHash', await play('mean')),
  refuteColumnState: async () => await proposeFalsified('state', await play('mean')),
  refuteColumnShape: async () => await proposeChanged(await play('mean'), { columnsNode: emptied(3) }),
  refuteCuts: async () => await proposeFalsified('cuts', await play('median')),
  refuteUnsubmitted: async () => {
    const inputs: Changes['inputs'] = (list) => list.with(count - 1, { ...list[0]!, trainer: `0x${'ff'.repeat(20)}` });
    return await proposeChanged(await play('mean'), { inputs });
  },
  refuteMisquoted: async () => await proposeFalsified('weight', await play('mean')),
  refuteDisorder: async () => await proposeFalsified('repeated', await play('mean')),
  refuteInputCount: async () => await proposeChanged(await play('mean', 2), { terms: { inputCount: count - 1 } }),
  refuteIncluded: async () => await proposeFalsified('omittedToo', await play('mean')),
  refuteMissing: async () => await proposeFalsified('missing', await play('mean')),
  refuteInputsSum: async () => await proposeFalsified('totalWeight', await play('mean')),
  refuteInputsShape: async () => {
    const inputsNode = { height: 0, index: 1, alter: () => ({ hash: new Uint8Array(32), sum: 0 }) };
    return await proposeChanged(await play('mean'), { inputsNode });
  },
};

async function expectVoid(staged: Staged, challenge: Challenge, proposal: ProposalStruct): Promise<void> {
  const { proposer } = await staged.federation.proposalOf(1);
  await staged.stranger.sendTransaction(await transactionOf(staged, challenge, proposal));
  expect((await staged.federation.proposalOf(1)).proposer).to.equal(ZeroAddress);
  expect(await staged.federation.isAggregator(proposer)).to.equal(false);
}

/** The second trainer of a round. */
interface Suspect {
  staged: Staged;
  /** What it serves, and the tree that it committed to. */
  bytes: Uint8Array;
  committed: SumTree;
}

type Lie = (update: VerifiedUpdate) => { bytes: Uint8Array; committed: SumTree };

/** `normLie` is added to the squared norm that it claims. */
async function suspect(lie: Lie, normLie: number, values = 200): Promise<Suspect> {
  let told: ReturnType<Lie> | undefined;
  const staged = await stage({
    count: 3,
    dimension: values,
    normLie,
    falsify: (update, index) => {
      if (index !== 1) return update;
      told = lie(update);
      return { ...update, updateRoot: sumTreeRoot(told.committed).hash };
    },
  });
  return { staged, ...told! };
}

const honestBytes: Lie = ({ values }) => ({ bytes: updateToBytes(values), committed: buildUpdateTree(values) });

/** One chunk's norm is one too large, and so are all sums above it. */
const falseLeaf: Lie = ({ values }) => {
  const { hashes, sums } = buildUpdateTree(values);
  return { bytes: updateToBytes(values), committed: buildSumTree(hashes[0]!, sums[0]!.with(2, sums[0]![2]! + 1)) };
};

/** The leaves are right, the sum above the first two is one too large. */
const falseInnerSum: Lie = ({ values }) => {
  const tree = buildUpdateTree(values);
  const above = buildSumTree(tree.hashes[1]!, tree.sums[1]!.with(0, tree.sums[1]![0]! + 1));
  const committed = {
    depth: tree.depth,
    hashes: [tree.hashes[0]!, ...above.hashes],
    sums: [tree.sums[0]!, ...above.sums],
  };
  return { bytes: updateToBytes(values), committed };
};

/** A value stands behind the last coordinate; it is 1, and so is its square. */
const outOfRange: Lie = ({ values }) => {
  const bytes = updateToBytes(values);
  bytes[2 * values.length + 1] = 1;
  return { bytes, committed: servedTree(bytes, values.length) };
};

const updateLies: [method: string, what: string, lie: Lie, normLie: number][] = [
  ['refuteNorm', 'a total that is not the sum', honestBytes, -1],
  ['refuteNorm', 'a false leaf', falseLeaf, 1],
  ['refuteNorm', 'a false inner sum', falseInnerSum, 1],
  ['refuteRange', 'a value behind the last coordinate', outOfRange, 1],
];

describe('Evidence', function () {
  this.timeout(60_000);

  for (const [method, stageFault] of Object.entries(proposals)) {
    it(`of ${method} voids the proposal and removes the aggregator that made it`, async () => {
      const scene = await stageFault();
      const end = await follow(scene, method !== 'refuteInputsShape');
      expect(end !== undefined && 'challenge' in end ? end.challenge.method : end).to.equal(method);
      const { challenge } = end as { challenge: Challenge };
      await expectVoid(scene.staged, challenge, scene.proposal);
    });
  }

  for (const [method, what, lie, normLie] of updateLies) {
    it(`of ${method} takes the stake of a trainer that committed to ${what}`, async () => {
      const { staged, bytes, committed } = await suspect(lie, normLie);
      const { federation, stranger, trainers } = staged;
      const { chainId } = await staged.ethers.provider.getNetwork();
      const trainer = trainers[1]!.address;
      const context = { chainId, federation: await federation.getAddress(), round: 1, trainer };
      const submission = { ...evidenceOf(staged, 1), squaredNorm: evidenceOf(staged, 1).squaredNorm + normLie };
      const challenge = challengeUpdate(bytes, 200, context, submission, committed)!;
      expect(challenge.method).to.equal(method);
      await stranger.sendTransaction(await transactionOf(staged, challenge));
      expect(await federation.isTrainer(trainer)).to.equal(false);
    });

    it(`of ${method}OfInput voids a proposal that takes in an update with ${what}`, async () => {
      const { staged, bytes, committed } = await suspect(lie, normLie);
      const proposal = await proposeStaged(staged);
      const { inputs, tree } = staged.right.inputsTree;
      const submission = { ...evidenceOf(staged, 1), squaredNorm: evidenceOf(staged, 1).squaredNorm + normLie };
      const input = openInput(inputs, 1, proveNode(tree, 0, 0));
      const challenge = challengeUpdateOfInput(bytes, 200, submission, input, committed)!;
      expect(challenge.method).to.equal(`${method}OfInput`);
      await expectVoid(staged, challenge, proposal);
    });
  }

  it('of refuteNorm takes the stake where the update is one chunk', async () => {
    const { staged, bytes } = await suspect(honestBytes, -1, 3);
    const { chainId } = await staged.ethers.provider.getNetwork();
    const trainer = staged.trainers[1]!.address;
    const context = { chainId, federation: await staged.federation.getAddress(), round: 1, trainer };
    const submission = { ...evidenceOf(staged, 1), squaredNorm: evidenceOf(staged, 1).squaredNorm - 1 };
    const challenge = challengeUpdate(bytes, 3, context, submission)!;
    await staged.stranger.sendTransaction(await transactionOf(staged, challenge));
    expect(await staged.federation.isTrainer(trainer)).to.equal(false);
  });

  it('of refuteSignatures takes the bond of an aggregator that signs two inputs', async () => {
    const staged = await stage({ count: 3, dimension: 64 });
    const [first, second] = [someHash, fromHex(id('another hash'))];
    const { federation } = staged;
    const cheat = staged.aggregators[0]!;
    const { edition } = await federation.clock();
    const signed = async (inputsRoot: Uint8Array) => {
      const [attestation] = await attest(federation, { round: 1, inputsRoot, edition }, [cheat]);
      return { ...attestation!, inputsRoot };
    };
    const challenge = challengeSignatures(1, Number(edition), await signed(first), await signed(second));
    await staged.stranger.sendTransaction(await transactionOf(staged, challenge));
    expect(await staged.federation.isAggregator(cheat.address)).to.equal(false);
  });

  it('of refuteModelDirectly fits a transaction in the largest round that it is made for', async () => {
    const real = await playReal({ rule: 'median', count: directInputs(0), dimension: 64, seed: 'direct' });
    const scene = await proposeChanged(real, { model: (bytes) => bytes.fill(1), terms: { columnsRoot: someHash } });
    const end = await follow(scene, true);
    const { challenge } = end as { challenge: Challenge };
    expect(challenge.method).to.equal('refuteModelDirectly');
    const transaction = await transactionOf(scene.staged, challenge, scene.proposal);
    const { gasUsed } = (await (await scene.staged.stranger.sendTransaction(transaction)).wait())!;
    expect(Number(gasUsed)).to.be.below(2 ** 24);
    expect(transaction.data.length / 2).to.be.below(128 * 1024);
  });

  it('of refuteCopy takes the stake of a trainer that submits what another has submitted', async () => {
    const staged = await stage({ count: 3, dimension: 1024 });
    await proposeStaged(staged);
    const [original, copier] = [staged.updates[1]!, staged.trainers[0]!];
    const copy = { ...original, trainer: copier.address };
    const submission = await submitVerified(staged, copier, copy, 2);
    const second = evidenceOf({ ...staged, updates: [copy], submissions: [submission] }, 0);
    const challenge = challengeCopy(1024, evidenceOf(staged, 1), second, original.updateRoot)!;
    await staged.stranger.sendTransaction(await transactionOf(staged, challenge));
    expect(await staged.federation.isTrainer(copier.address)).to.equal(false);
    expect(await staged.federation.isTrainer(staged.trainers[1]!.address)).to.equal(true);
  });
});
