import type { HardhatEthersSigner as Account } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { createRandom } from '../../../client/core/random.ts';
import { callOf, decide, deploySystem, oneToken, pass, running, type System } from './system.ts';

const year = 365 * 24 * 3600;

async function votesOf({ votingPower }: System, account: { address: string }): Promise<bigint> {
  return await votingPower.getVotes(account.address);
}

/** The account gets tokens, held and not delegated. */
async function give({ token, founder }: System, account: { address: string }, tokens: bigint): Promise<void> {
  await token.connect(founder).transfer(account.address, tokens * oneToken);
}

describe('VotingPower', () => {
  it('counts tokens that are held and delegated', async () => {
    const system = await deploySystem();
    const { token, stranger, others } = system;
    await give(system, stranger, 10n);
    expect(await votesOf(system, stranger)).to.equal(0n);
    await token.connect(stranger).delegate(others[0]!.address);
    expect(await votesOf(system, others[0]!)).to.equal(10n * oneToken);
    expect(await votesOf(system, stranger)).to.equal(0n);
  });

  it('counts tokens that are staked, for their owner or whom it delegates to, and not while they unbond', async () => {
    const system = await deploySystem();
    const { token, stake, federation, stranger, others, time, votingPower } = system;
    await give(system, stranger, 10n);
    await token.connect(stranger).approve(stake, 10n * oneToken);
    await stake.connect(stranger).deposit(federation, 10n * oneToken);
    const staked = await time.latest();
    expect(await votesOf(system, stranger)).to.equal(10n * oneToken);
    expect(await stake.delegates(stranger.address)).to.equal(stranger.address);
    await time.increase(5);
    await stake.connect(stranger).delegate(others[0]!.address);
    expect(await votesOf(system, others[0]!)).to.equal(10n * oneToken);
    await stake.connect(stranger).requestUnbond(federation, 4n * oneToken);
    expect(await votesOf(system, others[0]!)).to.equal(6n * oneToken);
    await time.increase(10);
    expect(await votingPower.getPastVotes(stranger.address, staked)).to.equal(10n * oneToken);
    expect(await votingPower.getPastVotes(others[0]!.address, staked)).to.equal(0n);
  });

  it('counts stake of several federations, and what was slashed no longer after a checkpoint', async () => {
    const system = await deploySystem();
    const { ethers, token, stake, stranger } = system;
    await give(system, stranger, 30n);
    await token.connect(stranger).approve(stake, 30n * oneToken);
    const federations = [
      await ethers.deployContract('SlashingFederation'),
      await ethers.deployContract('SlashingFederation'),
    ];
    for (const federation of federations) await stake.connect(stranger).deposit(federation, 10n * oneToken);
    expect(await votesOf(system, stranger)).to.equal(20n * oneToken);
    await federations[0]!.slash(stake, stranger.address, 3n * oneToken, ethers.ZeroAddress, 0);
    expect(await votesOf(system, stranger)).to.equal(20n * oneToken);
    await stake.connect(system.others[0]!).checkpoint(federations[0]!, stranger.address);
    expect(await votesOf(system, stranger)).to.equal(17n * oneToken);
  });

  it('gives votes for funding rewards, for a time, once', async () => {
    const system = await deploySystem();
    const { token, votingPower, rewards, stranger, time } = system;
    await give(system, stranger, 10n);
    await token.connect(stranger).approve(votingPower, 10n * oneToken);
    const supply = await votingPower.getPastTotalSupply((await time.latest()) - 1);
    await expect(votingPower.connect(stranger).fund(rewards, 10n * oneToken)).to.emit(
      votingPower,
      'PoolFundedForVotes',
    );
    const fundedAt = await time.latest();
    expect(await rewards.pool()).to.deep.equal([10n * 10n ** 9n, 0n]);
    expect(await token.balanceOf(rewards)).to.equal(10n * oneToken);
    expect(await votesOf(system, stranger)).to.equal(10n * oneToken);
    expect(await votingPower.fundingOf(stranger.address, 0)).to.deep.equal([10n * oneToken, BigInt(fundedAt + year)]);
    await time.increase(10);
    expect(await votingPower.getPastTotalSupply(fundedAt)).to.equal(supply + 10n * oneToken);
    await expect(votingPower.expire(stranger.address, 0))
      .to.be.revertedWithCustomError(votingPower, 'NotYetExpired')
      .withArgs(fundedAt + year);
    await time.increase(year);
    await votingPower.connect(system.others[0]!).expire(stranger.address, 0);
    expect(await votesOf(system, stranger)).to.equal(0n);
    await expect(votingPower.expire(stranger.address, 0))
      .to.be.revertedWithCustomError(votingPower, 'AlreadyExpired')
      .withArgs(stranger.address, 0);
    await time.increase(10);
    expect(await votingPower.getPastTotalSupply((await time.latest()) - 1)).to.equal(supply);
  });

  it('gives for funding at most half as many votes as there are tokens, however often they are earned back', async () => {
    const system = await deploySystem();
    const { token, votingPower, rewards, founder, stranger, time } = system;
    const most = (await token.totalSupply()) / 2n;
    await token.connect(founder).approve(votingPower, most);
    await votingPower.connect(founder).fund(rewards, most - 3n * oneToken);
    await give(system, stranger, 10n);
    await token.connect(stranger).approve(votingPower, 10n * oneToken);
    await votingPower.connect(stranger).fund(rewards, 5n * oneToken);
    expect(await votesOf(system, stranger)).to.equal(3n * oneToken);
    await votingPower.connect(stranger).fund(rewards, 5n * oneToken);
    expect(await votesOf(system, stranger)).to.equal(3n * oneToken);
    // also where tokens were burned meanwhile
    await token.connect(founder).burn(oneToken);
    await votingPower.connect(founder).fund(rewards, oneToken);
    expect((await votingPower.fundingOf(founder.address, 1)).votesWei).to.equal(0n);
    await time.increase(year);
    await votingPower.expire(founder.address, 0);
    await votingPower.connect(founder).fund(rewards, oneToken);
    expect((await votingPower.fundingOf(founder.address, 2)).votesWei).to.equal(oneToken);
  });

  it('gives no votes for funding what is not the rewards of a started task', async () => {
    const system = await deploySystem();
    const { token, votingPower, stake, stranger } = system;
    await give(system, stranger, 10n);
    await token.connect(stranger).approve(votingPower, 10n * oneToken);
    for (const other of [stranger.address, await stake.getAddress(), await system.policy.getAddress()]) {
      await expect(votingPower.connect(stranger).fund(other, oneToken))
        .to.be.revertedWithCustomError(votingPower, 'NotRewards')
        .withArgs(other);
    }
    expect(await votesOf(system, stranger)).to.equal(0n);
  });

  it('has its terms of funding voted on, within bounds', async () => {
    const system = await deploySystem();
    const { token, votingPower, governor, rewards, stranger } = system;
    for (const [terms, name, value, least, most] of [
      [[10_001, year], 'fundingVotesBasisPoints', 10_001, 0, 10_000],
      [[5_000, 0], 'fundingVotesSeconds', 0, 1, 4 * year],
      [[5_000, 4 * year + 1], 'fundingVotesSeconds', 4 * year + 1, 1, 4 * year],
    ] as const) {
      const { operation } = await decide(system, [await callOf(votingPower, 'setFundingTerms', terms)]);
      await expect(governor.execute(...operation))
        .to.be.revertedWithCustomError(votingPower, 'ParameterOutOfBounds')
        .withArgs(name, value, least, most);
    }
    await expect(votingPower.connect(stranger).setFundingTerms(1, 1))
      .to.be.revertedWithCustomError(votingPower, 'NotTheOwner')
      .withArgs(stranger.address);
    await pass(system, await callOf(votingPower, 'setFundingTerms', [2_500, 60]));
    expect(await votingPower.fundingTerms()).to.deep.equal([2_500n, 60n]);
    await give(system, stranger, 8n);
    await token.connect(stranger).approve(votingPower, 8n * oneToken);
    await votingPower.connect(stranger).fund(rewards, 8n * oneToken);
    expect(await votesOf(system, stranger)).to.equal(2n * oneToken);
  });

  it('counts nothing that is staked and unstaked within one transaction', async () => {
    const system = await running();
    const { ethers, token, stake, votingPower, founder, time } = system;
    const lender = await ethers.deployContract('FlashVoter', [token, stake]);
    await token.connect(founder).transfer(lender, 1_000_000n * oneToken);
    await lender.borrow(1_000_000n * oneToken);
    const borrowedAt = await time.latest();
    expect(await lender.seen()).to.equal(1_000_000n * oneToken);
    await time.increase(10);
    expect(await votingPower.getPastVotes(lender, borrowedAt)).to.equal(0n);
    expect(await token.balanceOf(lender)).to.equal(1_000_000n * oneToken);
  });

  it('counts no token twice, whatever is done with it', async () => {
    const system = await deploySystem();
    const { ethers, token, stake, federation, rewards, votingPower, others, time } = system;
    const accounts = others.slice(0, 4);
    const second = await ethers.deployContract('SlashingFederation');
    await second.setUnbondingSeconds(0);
    const homes = [await federation.getAddress(), await second.getAddress()];
    for (const account of accounts) {
      await give(system, account, 100n);
      for (const spender of [stake, votingPower]) await token.connect(account).approve(spender, 1_000n * oneToken);
    }
    const random = createRandom('votes');
    const one = <T>(list: readonly T[]) => list[random.below(list.length)]!;
    const funded: { funder: string; index: bigint }[] = [];
    let fundedWei = 0n;
    const actions = {
      transfer: async (by: Account, wei: bigint) => await token.connect(by).transfer(one(accounts).address, wei),
      delegate: async (by: Account) =>
        await one([token, stake, votingPower]).connect(by).getFunction('delegate')(one(accounts).address),
      deposit: async (by: Account, wei: bigint) => await stake.connect(by).deposit(one(homes), wei),
      unbond: async (by: Account, wei: bigint) => await stake.connect(by).requestUnbond(one(homes), wei),
      withdraw: async (by: Account) => await stake.connect(by).withdraw(one(homes)),
      async fund(by: Account, wei: bigint) {
        const index = await votingPower.fundingCount(by.address);
        await votingPower.connect(by).fund(rewards, wei);
        funded.push({ funder: by.address, index });
        fundedWei += wei;
      },
      async expire() {
        if (funded.length === 0) return;
        const { funder, index } = one(funded);
        const { votesWei } = await votingPower.fundingOf(funder, index);
        await votingPower.expire(funder, index);
        fundedWei -= votesWei;
      },
    };
    const done = new Set<string>();
    for (let step = 0; step < 300; ++step) {
      const name = one(Object.keys(actions) as (keyof typeof actions)[]);
      if (step % 50 === 49) await time.increase(year / 3);
      const carried = await actions[name](one(accounts), BigInt(1 + random.below(20)) * oneToken).then(
        () => true,
        () => false,
      );
      if (carried) done.add(name);
      if (step % 5 !== 0) continue;
      let votesWei = 0n;
      let countedWei = fundedWei;
      for (const { address } of accounts) {
        votesWei += await votesOf(system, { address });
        if ((await token.delegates(address)) !== ethers.ZeroAddress) countedWei += await token.balanceOf(address);
        for (const home of homes) countedWei += await stake.bondedWei(home, address);
      }
      expect(votesWei, `up to step ${step}`).to.equal(countedWei);
    }
    expect([...done]).to.have.members(Object.keys(actions));
  });

  it('has a clock in seconds', async () => {
    const { governor, votingPower, stake, token, time } = await deploySystem();
    for (const contract of [governor, votingPower, stake, token]) {
      expect(await contract.CLOCK_MODE()).to.equal('mode=timestamp');
      expect(Number(await contract.clock())).to.be.at.least(await time.latest());
    }
  });
});
