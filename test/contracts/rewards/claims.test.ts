/** The pool, statements in order, and claims: rejects, then edges, then success. */
import { expect } from 'chai';
import { id } from 'ethers';
import { type Settlement, totalGwei } from '../../../client/core/rewards/settle.ts';
import { bond, deploy, parameters, rewardParameters } from '../deployment.ts';
import { claimOf, falsified, finalize, type Scored, score, settle, stageScored, state } from './settledRound.ts';

const table = [
  [900, 400, -100],
  [800, 500, -50],
  [1000, 420, -90],
];
const weiPerGwei = 10n ** 9n;

describe('the pool', () => {
  it('takes whole gwei only, and no amount of zero', async () => {
    const { rewards, token } = await deploy();
    await token.approve(rewards, 10n ** 20n);
    await expect(rewards.fund(0)).to.be.revertedWithCustomError(rewards, 'ZeroAmount');
    await expect(rewards.fund(1)).to.be.revertedWithCustomError(rewards, 'NotWholeGwei').withArgs(1n);
    await rewards.fund(5n * weiPerGwei);
    expect((await rewards.pool()).fundedGwei).to.equal(5n);
  });

  it('that runs dry pays what it has and says so', async () => {
    const scored = await stageScored(3, {}, { rewardGwei: 10n ** 17n });
    const right = await score(scored, table);
    const poor = await settle(scored, table, [], 10n ** 17n);
    expect(poor.paidGwei).to.equal(10n ** 15n);
    const { rewards, proposer, proposal } = scored;
    expect(right.paidGwei).to.be.lessThan(poor.paidGwei);
    await expect(
      rewards.connect(proposer).proposeRewards(
        proposal,
        falsified(poor, () => ({})),
      ),
    )
      .to.emit(rewards, 'PoolRanDry')
      .withArgs(1n, 10n ** 17n, 10n ** 15n);
    const { fundedGwei, allocatedGwei } = await rewards.pool();
    expect(allocatedGwei).to.equal(fundedGwei);
  });
});

describe('reward statements', () => {
  let scored: Scored;
  let right: Settlement;
  beforeEach(async () => {
    scored = await stageScored(3);
    right = await score(scored, table);
  });

  it('are made by any aggregator, and the fee goes to the aggregator that proposed the round', async () => {
    const { rewards, proposal, aggregators, proposer, stranger } = scored;
    const statement = falsified(right, () => ({}));
    await expect(rewards.connect(stranger).proposeRewards(proposal, statement))
      .to.be.revertedWithCustomError(rewards, 'NotAnAggregator')
      .withArgs(stranger.address);
    const other = aggregators.find(({ address }) => address !== proposer.address)!;
    await rewards.connect(other).proposeRewards(proposal, statement);
    const [event] = await rewards.queryFilter(rewards.filters.RewardsProposed(1));
    expect([event!.args.proposer, event!.args.facts.aggregator]).to.deep.equal([other.address, proposer.address]);
  });

  it('are taken for the final proposal of a round, once', async () => {
    const { rewards, proposal, proposer } = scored;
    const statement = falsified(right, () => ({}));
    const by = rewards.connect(proposer);
    await expect(by.proposeRewards({ ...proposal, inputsRoot: id('x') }, statement)).to.be.revertedWithCustomError(
      rewards,
      'AnotherProposal',
    );
    await expect(by.proposeRewards(proposal, { ...statement, round: 2 })).to.be.revertedWithCustomError(
      rewards,
      'RoundNotFinal',
    );
    await by.proposeRewards(proposal, statement);
    await expect(by.proposeRewards(proposal, statement)).to.be.revertedWithCustomError(rewards, 'NotNextToReward');
  });

  it('are refused unless they are well formed', async () => {
    const { rewards, proposal, proposer } = scored;
    const right_ = falsified(right, () => ({}));
    const propose = (changes: Partial<typeof right_>) =>
      rewards.connect(proposer).proposeRewards(proposal, { ...right_, ...changes });
    const entry = right_.entries.slice(0, 34);
    await expect(propose({ entries: `${right_.entries}00` })).to.be.revertedWithCustomError(rewards, 'WrongLength');
    await expect(propose({ entries: `${entry}${entry.slice(2)}` })).to.be.revertedWithCustomError(
      rewards,
      'EntriesNotAscending',
    );
    await expect(propose({ entries: `0x0fffffff${entry.slice(10)}` })).to.be.revertedWithCustomError(
      rewards,
      'AccountNotScored',
    );
    const evaluator = right_.evaluators.slice(0, 138);
    await expect(propose({ evaluators: `${evaluator}${evaluator.slice(2)}` })).to.be.revertedWithCustomError(
      rewards,
      'EvaluatorsNotAscending',
    );
    await expect(propose({ entries: `0xffffffff${entry.slice(10)}${entry.slice(2)}` })).to.be.revertedWithCustomError(
      rewards,
      'EntriesNotAscending',
    );
    await expect(propose({ middle: 1 })).to.be.revertedWithCustomError(rewards, 'WrongMiddle');
    await expect(propose({ pageRoots: [] })).to.be.revertedWithCustomError(rewards, 'WrongPages');
  });

  it('must be calldata that everybody reads alike', async () => {
    const { rewards, proposal, proposer } = scored;
    const data = rewards.interface.encodeFunctionData('proposeRewards', [proposal, falsified(right, () => ({}))]);
    await expect(
      proposer.sendTransaction({ to: await rewards.getAddress(), data: `${data}00` }),
    ).to.be.revertedWithCustomError(rewards, 'NotCanonical');
  });

  it('must be short enough to be refuted', async () => {
    const { rewards, proposal, proposer } = scored;
    // with two bytes for each entry's score, 18 of 122,880 bytes
    const withEntries = (count: number) =>
      rewards.connect(proposer).proposeRewards(proposal, {
        ...falsified(right, () => ({})),
        evaluators: '0x',
        pageRoots: [],
        entries: `0x${'00'.repeat(16 * count)}`,
      });
    await expect(withEntries(6827))
      .to.be.revertedWithCustomError(rewards, 'StatementTooLong')
      .withArgs(18 * 6827, 120 * 1024);
    await expect(withEntries(6826)).to.be.revertedWithCustomError(rewards, 'EntriesNotAscending');
  });

  it('stay right when somebody enrols before they are mined', async () => {
    const { rewards, stranger } = scored;
    await bond(scored, stranger, parameters.trainerStakeWei);
    await rewards.connect(stranger).enrol(stranger.address);
    const { facts } = await state(
      scored,
      falsified(right, () => ({})),
    );
    expect(facts.accounts).to.equal(BigInt(right.balances.length));
  });

  it('stay right whatever is funded after the scores were settled', async () => {
    const short = await stageScored(3, {}, { rewardGwei: 10n ** 17n });
    await score(short, table);
    const poor = await settle(short, table, [], 10n ** 17n);
    const { rewards, token, proposer, proposal, proposedAt } = short;
    await token.approve(rewards, weiPerGwei);
    await rewards.fund(weiPerGwei);
    expect((await rewards.pool()).fundedGwei).to.equal(poor.paidGwei + 1n);
    expect(await rewards.fundedGweiBefore(proposedAt + 500)).to.equal(poor.paidGwei);
    await rewards.connect(proposer).proposeRewards(
      proposal,
      falsified(poor, () => ({})),
    );
    expect((await rewards.pool()).allocatedGwei).to.equal(poor.paidGwei);
  });

  it('must name as many accounts as there may be, and what the pool pays', async () => {
    const { rewards, proposal, proposer } = scored;
    const statement = falsified(right, () => ({}));
    const propose = (changes: Partial<typeof statement>) =>
      rewards.connect(proposer).proposeRewards(proposal, { ...statement, ...changes });
    await expect(propose({ accounts: statement.accounts + 1 })).to.be.revertedWithCustomError(rewards, 'WrongAccounts');
    await expect(propose({ accounts: 1 })).to.be.revertedWithCustomError(rewards, 'WrongAccounts');
    await expect(propose({ paidGwei: statement.paidGwei - 1n })).to.be.revertedWithCustomError(rewards, 'WrongPayment');
  });

  it('become final after their window, in order', async () => {
    const { rewards, time } = scored;
    await expect(rewards.finalizeRewards(1)).to.be.revertedWithCustomError(rewards, 'NotStated');
    await state(
      scored,
      falsified(right, () => ({})),
    );
    await expect(rewards.finalizeRewards(1)).to.be.revertedWithCustomError(rewards, 'ChallengeWindowOpen');
    await time.increase(parameters.challengeSeconds);
    await rewards.finalizeRewards(1);
    await expect(rewards.finalizeRewards(1)).to.be.revertedWithCustomError(rewards, 'AlreadyFinal');
  });

  it('must wait until their round is final', async () => {
    const early = await stageScored(0);
    await early.time.increase(1);
    const statement = falsified(await settle(early, []), () => ({}));
    await expect(
      early.rewards.connect(early.proposer).proposeRewards(early.proposal, statement),
    ).to.be.revertedWithCustomError(early.rewards, 'RoundNotFinal');
    await finalize(early);
  });
});

describe('claims', () => {
  let scored: Scored;
  let right: Settlement;
  beforeEach(async () => {
    scored = await stageScored(3);
    right = await score(scored, table);
    await state(
      scored,
      falsified(right, () => ({})),
    );
  });

  async function claim(account: string, by = scored.trainers[0]!, place = 0) {
    const { cumulativeGwei, reputation, path } = claimOf(right, place);
    return await scored.rewards.connect(by).claim(account, cumulativeGwei, reputation, path);
  }

  it('wait until the rewards are final', async () => {
    await expect(claim(scored.trainers[0]!.address)).to.be.revertedWithCustomError(scored.rewards, 'WrongBalance');
  });

  it('are paid to the account or its payee, by its own balance, once', async () => {
    const { rewards, trainers, stranger, time, token } = scored;
    const [trainer, second] = trainers;
    await time.increase(parameters.challengeSeconds);
    await rewards.finalizeRewards(1);
    await expect(claim(trainer!.address, stranger)).to.be.revertedWithCustomError(rewards, 'NotAccountOrPayee');
    await expect(claim(second!.address, second!, 0)).to.be.revertedWithCustomError(rewards, 'WrongBalance');
    const { cumulativeGwei, reputation, path } = claimOf(right, 0);
    await expect(
      rewards.connect(trainer!).claim(trainer!.address, cumulativeGwei + 1n, reputation, path),
    ).to.be.revertedWithCustomError(rewards, 'WrongBalance');
    await rewards.connect(trainer!).setPayee(trainer!.address, stranger.address);
    await expect(claim(trainer!.address, stranger)).to.changeTokenBalance(
      scored.ethers,
      token,
      stranger,
      cumulativeGwei * weiPerGwei,
    );
    await expect(claim(trainer!.address)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
    // a score below zero earns nothing
    await expect(claim(trainers[2]!.address, trainers[2]!, 2)).to.be.revertedWithCustomError(rewards, 'NothingToClaim');
  });

  it('come to what the settlement says, and no more than the pool has allocated', async () => {
    const { rewards, time, token } = scored;
    await time.increase(parameters.challengeSeconds);
    await rewards.finalizeRewards(1);
    const before = await token.balanceOf(rewards);
    const everybody = [...scored.trainers, ...scored.aggregators, ...scored.evaluators];
    let paid = 0n;
    for (const [place, account] of everybody.entries()) {
      const earned = right.earnings.get(place);
      if (earned === undefined) continue;
      await claim(account.address, account, place);
      paid += totalGwei(earned);
    }
    expect(before - (await token.balanceOf(rewards))).to.equal(paid * weiPerGwei);
    const { allocatedGwei } = await rewards.pool();
    expect(allocatedGwei).to.equal(rewardParameters.rewardGwei);
    // only what rounding leaves is not paid
    expect(allocatedGwei - paid).to.be.lessThan(10n);
  });
});
