/** Evaluators that score nothing: who removes them, and what shows it. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { rewardParameters } from '../deployment.ts';
import { enlist, type Proposed, propose, type Scripted, script } from './scripted.ts';
import { commitmentOf } from './settledRound.ts';

const scores = [5];

describe('Rewards.reportAbsence', () => {
  let scripted: Scripted;
  let evaluators: HardhatEthersSigner[];
  let restore: () => Promise<void>;

  before(async () => {
    scripted = await script();
    evaluators = await enlist(scripted, 3);
    ({ restore } = await scripted.networkHelpers.takeSnapshot());
  });

  afterEach(() => restore());

  /** Final rounds `from` to `to`; who is named has committed in each. */
  async function play(from: number, to: number, ...present: HardhatEthersSigner[]) {
    const { rewards, federation } = scripted;
    const proposed: Proposed[] = [];
    for (let round = from; round <= to; round++) {
      const one = await propose(scripted, round);
      for (const evaluator of present) {
        await rewards.connect(evaluator).commitScores(round, await commitmentOf(one, evaluator.address, scores, round));
      }
      proposed.push(one);
    }
    await federation.finalize(to);
    return proposed;
  }

  const refuses = async (evaluator: HardhatEthersSigner, rounds: number[], round: number) => {
    const { rewards } = scripted;
    await expect(rewards.reportAbsence(evaluator.address, rounds))
      .to.be.revertedWithCustomError(rewards, 'NotAbsent')
      .withArgs(evaluator.address, round);
  };

  it('refuses an account that is no evaluator, another number of rounds, and rounds that do not ascend', async () => {
    const { rewards, stranger, ethers } = scripted;
    const [silent, present] = evaluators as [HardhatEthersSigner, HardhatEthersSigner];
    await play(1, 5, present);
    await expect(rewards.reportAbsence(stranger.address, [1, 2, 3, 4]))
      .to.be.revertedWithCustomError(rewards, 'NotAnEvaluator')
      .withArgs(stranger.address);
    const lengths = await ethers.getContractAt('MerkleTree', await rewards.getAddress());
    for (const rounds of [[], [1, 2, 3], [1, 2, 3, 4, 5]]) {
      await expect(rewards.reportAbsence(silent.address, rounds))
        .to.be.revertedWithCustomError(lengths, 'WrongPathLength')
        .withArgs(rounds.length, 4);
    }
    await refuses(silent, [1, 2, 2, 3], 2);
    await refuses(silent, [4, 3, 2, 1], 3);
    await refuses(silent, [0, 1, 2, 3], 0);
  });

  it('refuses rounds that are not final, were forgotten, or that the evaluator has scored', async () => {
    const { rewards, federation } = scripted;
    const [silent, present, once] = evaluators as [HardhatEthersSigner, HardhatEthersSigner, HardhatEthersSigner];
    await play(1, 2, present);
    await play(3, 3, present, once);
    await play(4, 5, present);
    await propose(scripted, 6);
    await refuses(silent, [3, 4, 5, 6], 6);
    await refuses(once, [1, 2, 3, 4], 3);
    await refuses(present, [1, 2, 4, 5], 1);
    await rewards.reportAbsence(once.address, [1, 2, 4, 5]);
    await federation.forget(2);
    await refuses(silent, [1, 2, 3, 4], 2);
  });

  it('refuses rounds for which the evaluator was not drawn', async () => {
    const small = await script({ committeeSize: 1 });
    const many = await enlist(small, 8);
    const missed = new Map<string, number[]>(many.map(({ address }) => [address, []]));
    let round = 0;
    const { rewards, federation } = small;
    while (![...missed.values()].some((rounds) => rounds.length === 4)) {
      round++;
      await propose(small, round);
      await rewards.openScoring(round);
      for (const { address } of many) if (await rewards.isDrawn(round, address)) missed.get(address)!.push(round);
    }
    await federation.finalize(round);
    const [drawn, rounds] = [...missed].find(([, list]) => list.length === 4)!;
    const other = Array.from({ length: round }, (_, index) => index + 1).find((one) => !rounds.includes(one))!;
    const wrong = [...rounds.slice(0, 3), other].sort((a, b) => a - b);
    await expect(rewards.reportAbsence(drawn, wrong))
      .to.be.revertedWithCustomError(rewards, 'NotAbsent')
      .withArgs(drawn, other);
    await rewards.reportAbsence(drawn, rounds);
  });

  it('removes an evaluator that has missed four rounds, without loss, and lets it join again', async () => {
    const { rewards, stake } = scripted;
    const [silent, present] = evaluators as [HardhatEthersSigner, HardhatEthersSigner];
    await play(1, 4, present);
    await expect(rewards.reportAbsence(silent.address, [1, 2, 3, 4]))
      .to.emit(rewards, 'EvaluatorAbsent')
      .withArgs(silent.address)
      .and.to.emit(rewards, 'EvaluatorLeft')
      .withArgs(silent.address);
    expect(await rewards.isEvaluator(silent.address)).to.equal(false);
    expect(await rewards.evaluatorCount()).to.equal(2);
    expect(await stake.bondedWei(rewards, silent.address)).to.equal(rewardParameters.evaluatorStakeWei);
    await rewards.connect(silent).joinAsEvaluator();
    expect(await rewards.isEvaluator(silent.address)).to.equal(true);
  });

  it('removes an evaluator that has missed as many rounds as a small ring holds', async () => {
    const { rewards, federation } = scripted;
    const silent = evaluators[0]!;
    await play(1, 4);
    const lengths = await scripted.ethers.getContractAt('MerkleTree', await rewards.getAddress());
    for (const [ring, most] of [
      [3, 2],
      [4, 3],
      [5, 4],
      [6, 4],
    ] as const) {
      await federation.setRing(ring);
      for (const count of [most - 1, most + 1]) {
        await expect(rewards.reportAbsence(silent.address, [1, 2, 3, 4, 5].slice(0, count)))
          .to.be.revertedWithCustomError(lengths, 'WrongPathLength')
          .withArgs(count, most);
      }
    }
    await federation.setRing(3);
    await rewards.reportAbsence(silent.address, [3, 4]);
    expect(await rewards.isEvaluator(silent.address)).to.equal(false);
  });

  it('counts rounds as missed whose scoring nobody has opened', async () => {
    const { rewards } = scripted;
    await play(1, 4);
    await rewards.reportAbsence(evaluators[1]!.address, [1, 2, 3, 4]);
    expect(await rewards.evaluatorCount()).to.equal(2);
  });
});
