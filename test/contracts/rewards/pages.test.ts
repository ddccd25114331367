/** Statements of more than a page of accounts and more than a word of scores: whatever is wrong in any of them is refuted. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { getBytes, id } from 'ethers';
import { toHex } from '../../../client/core/hash.ts';
import { buildInputsTree } from '../../../client/core/inputs.ts';
import type { Balances } from '../../../client/core/rewards/balances.ts';
import { challengeStatement, refuteBalances, refuteScore } from '../../../client/core/rewards/challenges.ts';
import type { Settlement } from '../../../client/core/rewards/settle.ts';
import { decodeStatement } from '../../../client/core/rewards/statement.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import {
  enlist,
  finalizeAll,
  type Proposed,
  propose,
  revealOf,
  type Scripted,
  script,
  settle,
  settleSeconds,
  show,
  unchanged,
} from './scripted.ts';
import { falsified, type StatementArgument, state } from './settledRound.ts';

const pageAccounts = 256;
const evaluatorCount = 3;
const trainerCount = 40;
/** Trainers that have an account in the first round: one of them in the second page. */
const firstCount = 21;
const trainers = Array.from({ length: trainerCount }, (_, index) => id(`trainer ${index}`).slice(0, 42));
const inputs = buildInputsTree(trainers.map((trainer) => ({ trainer, updateRoot: getBytes(id(trainer)), weight: 1 })));

describe('a statement of more than one page and one word', function () {
  this.timeout(120_000);
  let scripted: Scripted;
  let evaluators: HardhatEthersSigner[];
  let second: Proposed;
  let right: Settlement;
  let snapshot: Awaited<ReturnType<Scripted['networkHelpers']['takeSnapshot']>>;

  before(async () => {
    scripted = await script();
    evaluators = await enlist(scripted, evaluatorCount);
    const crowd = pageAccounts - (2 + evaluatorCount) - (firstCount - 1);
    await enrol(Array.from({ length: crowd }, (_, index) => id(`account ${index}`).slice(0, 42)));
    await enrol(trainers.slice(0, firstCount));
    const first = await playScored(1, firstCount);
    const before = await settleScored(first, firstCount);
    expect(before.balances).to.have.length(pageAccounts + 1);
    await state(first, unchanged(before));
    await finalizeAll(scripted, 1, 1);
    await enrol(trainers.slice(firstCount));
    second = await playScored(2, trainerCount);
    right = await settleScored(second, trainerCount, before.balances);
    expect(right.pageRoots).to.have.length(2);
  });
  beforeEach(async () => {
    snapshot = await scripted.networkHelpers.takeSnapshot();
  });
  afterEach(() => snapshot.restore());

  async function enrol(addresses: readonly string[]): Promise<void> {
    const { ethers, networkHelpers, rewards } = scripted;
    for (const address of addresses) {
      await networkHelpers.setBalance(address, 10n ** 18n);
      await rewards.connect(await ethers.getImpersonatedSigner(address)).enrol(address);
    }
  }

  /** Final, with scores of the first trainers. */
  async function playScored(round: number, scored: number): Promise<Proposed> {
    const { federation, time } = scripted;
    const inputsRoot = toHex(sumTreeRoot(inputs.tree).hash);
    const proposed = await propose(scripted, round, { inputCount: trainerCount, inputsRoot });
    await show(proposed, evaluators, scoresOf(scored));
    await time.increaseTo(proposed.proposedAt + settleSeconds);
    await federation.finalize(round);
    return proposed;
  }

  async function settleScored(proposed: Proposed, scored: number, previous: Balances = []): Promise<Settlement> {
    const { rewards } = scripted;
    const reveals = evaluators.map((evaluator) => revealOf(scripted, evaluator, scoresOf(scored)));
    const entries = trainers.slice(0, scored).map(async (trainer) => ({
      trainer,
      place: Number((await rewards.accountOf(trainer)).number) - 1,
      inputIndex: inputs.inputs.findIndex((input) => input.trainer === trainer),
      stakeTokens: 3n,
    }));
    return await settle(proposed, previous, {
      trainers: await Promise.all(entries),
      evaluators: await Promise.all(reveals),
    });
  }

  /** The challenge that follows from the statement, brought against it. */
  async function refute(statement: StatementArgument) {
    const { facts } = await state(second, statement);
    const posted = decodeStatement({
      ...statement,
      previousBalancesRoot: getBytes(statement.previousBalancesRoot),
      evaluators: getBytes(statement.evaluators),
      entries: getBytes(statement.entries),
      pageRoots: statement.pageRoots.map((root) => getBytes(root)),
    });
    const challenge = challengeStatement(right, posted, { inputs, miscounted: [] })!;
    await send(facts, statement, challenge);
    expect((await scripted.rewards.rewardHead()).statedRound).to.equal(1n);
    return challenge;
  }

  async function send(facts: object, statement: StatementArgument, { method, args }: ReturnType<typeof refuteScore>) {
    const { rewards, rewardChallenges, stranger } = scripted;
    const call = rewardChallenges.connect(stranger).getFunction(method);
    return await call(await rewards.getAddress(), facts, statement, ...args);
  }

  for (const page of [0, 1]) {
    it(`with page ${page} of its balances wrong is refuted by that page`, async () => {
      const pageRoots = right.pageRoots.map((root, index) => (index === page ? getBytes(id('wrong')) : root));
      const challenge = await refute(falsified(right, () => ({ pageRoots })));
      expect([challenge.method, challenge.args[0]]).to.deep.equal(['refuteBalances', page]);
    });
  }

  for (const entry of [0, 15, 16, 31, 32, 39]) {
    it(`with a wrong score at entry ${entry} is refuted by the word that has it`, async () => {
      const entries = right.entries.map((stated, at) => (at === entry ? { ...stated, score: wrongScore(at) } : stated));
      const challenge = await refute(falsified(right, () => ({ entries })));
      expect([challenge.method, challenge.args[0]]).to.deep.equal(['refuteScore', entry]);
    });
  }

  it('that is right cannot be refuted by any page or any entry', async () => {
    const { rewardChallenges } = scripted;
    const statement = unchanged(right);
    const { facts } = await state(second, statement);
    for (const page of [0, 1]) {
      await expect(send(facts, statement, refuteBalances(right, page)))
        .to.be.revertedWithCustomError(rewardChallenges, 'BalancesAreRight')
        .withArgs(page);
    }
    const posted = { ...right.statement, entries: right.entries, evaluators: right.evaluators };
    for (const [entry] of right.entries.entries()) {
      await expect(send(facts, statement, refuteScore(right, posted, entry)))
        .to.be.revertedWithCustomError(rewardChallenges, 'ScoreIsRight')
        .withArgs(entry);
    }
  });

  it("does not take another page, or another word's path, for the right one", async () => {
    const { rewardChallenges } = scripted;
    const statement = unchanged(right);
    const { facts } = await state(second, statement);
    const [, balances, path] = refuteBalances(right, 1).args;
    await expect(
      send(facts, statement, { ...refuteBalances(right, 0), args: [0, balances, path] }),
    ).to.be.revertedWithCustomError(rewardChallenges, 'WrongPageLength');
    const [, first, itsPath] = refuteBalances(right, 0).args;
    const forged = `0x${'00'.repeat(7)}01${(first as string).slice(18)}`;
    await expect(
      send(facts, statement, { ...refuteBalances(right, 0), args: [0, forged, itsPath] }),
    ).to.be.revertedWithCustomError(rewardChallenges, 'NotThePage');
    const posted = { ...right.statement, entries: right.entries, evaluators: right.evaluators };
    const other = refuteScore(right, posted, 16);
    await expect(
      send(facts, statement, { ...other, args: [15, ...other.args.slice(1)] }),
    ).to.be.revertedWithCustomError(rewardChallenges, 'OtherScoresRoot');
  });
});

/** The first trainer's score is the best; some earn nothing. */
function scoresOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1000 - 37 * index);
}

/** On the same side of the middle as the right one, which stays the median. */
function wrongScore(entry: number): number {
  return entry < trainerCount / 2 ? 1001 : -1001;
}
