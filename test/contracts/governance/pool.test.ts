/** Votes on what the rewards hold: balances that are restored, and a pool that is released. */
import { expect } from 'chai';
import { ZeroHash } from 'ethers';
import { callOf, decide, deploySystem, oneToken, pass, type System } from './system.ts';

async function funded(): Promise<System> {
  const system = await deploySystem();
  const { token, rewards } = system;
  await token.approve(rewards, 7n * oneToken);
  await rewards.fund(7n * oneToken);
  return system;
}

describe('Votes on balances and the pool', () => {
  it('release no pool of a task that is not retired', async () => {
    const system = await funded();
    const { operation } = await decide(system, [await callOf(system.policy, 'releasePool', [])]);
    await expect(system.governor.execute(...operation)).to.be.revertedWithCustomError(system.policy, 'NotRetired');
  });

  it('retire a task and give the treasury all that its pool holds', async () => {
    const system = await funded();
    const { policy, token, treasury, rewards } = system;
    await pass(system, await callOf(policy, 'retire', []), await callOf(policy, 'releasePool', []));
    expect(await token.balanceOf(treasury)).to.equal(7n * oneToken);
    expect(await token.balanceOf(rewards)).to.equal(0);
  });

  it('restore balances, and cover what wrong ones have taken', async () => {
    const system = await funded();
    const { policy, rewards } = system;
    await pass(system, await callOf(policy, 'restoreBalances', [0, 5n]));
    const [event] = await rewards.queryFilter(rewards.filters.BalancesRestored());
    expect([...event!.args]).to.deep.equal([0n, ZeroHash, 5n]);
    expect((await rewards.pool()).allocatedGwei).to.equal(5);
  });
});
