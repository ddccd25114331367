/** What publishing scores is paid. */
import { expect } from 'chai';
import { rewardParameters } from '../deployment.ts';
import { enlist, propose, script, show } from './scripted.ts';
import { salt } from './settledRound.ts';

/** Two words of them. */
const scores = Array.from({ length: 32 }, (_, index) => index);
const bytes = `0x${scores.map((score) => score.toString(16).padStart(4, '0')).join('')}`;
const evaluatorCount = 6;

describe('publications in one transaction', () => {
  it('are paid no more together than they cost, and each demander gets the rest of its bond', async () => {
    const scripted = await script();
    const { rewards, accounts, stranger, ethers, networkHelpers } = scripted;
    const evaluators = await enlist(scripted, evaluatorCount);
    const proposed = await propose(scripted, 1);
    await show(proposed, evaluators, scores);
    const demanders = accounts.slice(14, 14 + evaluatorCount);
    const bond = { value: rewardParameters.demandBondWei };
    for (const [index, { address }] of evaluators.entries()) {
      await rewards.connect(demanders[index]!).demandScores(1, address, bond);
    }
    const batch = await ethers.deployContract('Batch');
    const calls = evaluators.map(({ address }) =>
      rewards.interface.encodeFunctionData('publishScores', [1, address, salt, bytes]),
    );
    // so that the bond is not what limits them
    await networkHelpers.setNextBlockBaseFeePerGas(10n ** 9n);
    const publishing = await batch.connect(stranger).run(rewards, calls, { maxPriorityFeePerGas: 0n });
    const { gasUsed, gasPrice } = (await publishing.wait())!;
    const paidWei = await rewards.owedWei(batch);
    expect(paidWei).to.be.within((gasUsed * gasPrice) / 5n, gasUsed * gasPrice);
    let returnedWei = 0n;
    for (const { address } of demanders) {
      const owedWei = await rewards.owedWei(address);
      expect(owedWei).to.be.within(1n, bond.value - 1n);
      returnedWei += owedWei;
    }
    expect(paidWei + returnedWei).to.equal(BigInt(evaluatorCount) * bond.value);
    expect(await ethers.provider.getBalance(rewards)).to.equal(paidWei + returnedWei);
  });

  it('are never paid above the bond', async () => {
    const scripted = await script({ demandBondWei: 7n });
    const { rewards, stranger, other } = scripted;
    const [evaluator] = await enlist(scripted, 1);
    const proposed = await propose(scripted, 1);
    await show(proposed, [evaluator!], scores);
    await rewards.connect(other).demandScores(1, evaluator!.address, { value: 7n });
    await rewards.connect(stranger).publishScores(1, evaluator!.address, salt, bytes);
    expect(await rewards.owedWei(stranger.address)).to.equal(7n);
    expect(await rewards.owedWei(other.address)).to.equal(0n);
  });
});
