/** Events of a chain that fails while they are read: none is lost, and nobody sees a part of them. */
import { expect } from 'chai';
import { type Log, toBeHex, ZeroHash } from 'ethers';
import { createEventFeed } from '../../client/chain/events.ts';
import { unreachable } from '../../client/chain/failure.ts';
import { pageBlocks } from '../../client/chain/pageSize.ts';
import type { ChainProvider } from '../../client/chain/provider.ts';
import { openRewards } from '../../client/chain/rewards.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';

const rewards = toBeHex(1, 20);
const accountAt = (place: number) => toBeHex(place + 10, 20);

/** Accounts that were enrolled, by block; `fork` is in all hashes, and what is in `failing` fails. */
function stageChain(enrolled: Record<number, number>, newest: number) {
  const chain = { fork: 1, enrolled, newest, failing: new Set<string>(), logs: [] as Log[] };
  const abi = contractInterface('Rewards');
  const hashOf = (number: number) => toBeHex(2n ** 200n * BigInt(chain.fork) + BigInt(number), 32);
  const ask = <T>(method: string, answer: T): T => {
    if (chain.failing.has(method)) throw unreachable(method, 'it fails');
    return answer;
  };
  const provider = {
    async getBlock(tag: number | 'latest') {
      const number = tag === 'latest' ? chain.newest : tag;
      return ask('getBlock', { number, hash: hashOf(number), timestamp: number });
    },
    async readRange(_filter: object, fromBlock: number, toBlock: number) {
      const fragment = abi.getEvent('AccountEnrolled')!;
      const all = Object.entries(chain.enrolled).map(([block, place]) => {
        const encoded = abi.encodeEventLog(fragment, [accountAt(place), place, accountAt(place)]);
        const at = { blockNumber: Number(block), blockHash: hashOf(Number(block)), index: place };
        return { ...encoded, ...at, transactionHash: ZeroHash } as unknown as Log;
      });
      const found = [...all, ...chain.logs].filter((log) => log.blockNumber >= fromBlock && log.blockNumber <= toBlock);
      const last = { number: toBlock, hash: hashOf(toBlock), timestamp: toBlock };
      return ask(`logs from ${fromBlock}`, { last, logs: found });
    },
    getTransaction: async () => ask('getTransaction', { data: '0x', value: 0n }),
  } as unknown as ChainProvider;
  return { chain, provider };
}

describe('a chain that fails while events are read', () => {
  it('loses no event that had arrived', async () => {
    const { chain, provider } = stageChain({ 5: 0, [pageBlocks + 5]: 1 }, pageBlocks + 10);
    const feed = createEventFeed(provider, rewards, 'Rewards', 1);
    chain.failing.add(`logs from ${pageBlocks + 1}`);
    const error = await feed.poll().catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'CHAIN_UNREACHABLE', retryable: true });
    chain.failing.clear();
    const { events } = await feed.poll();
    expect(events.map(({ args }) => Number(args.place))).to.deep.equal([0, 1]);
    expect((await feed.poll()).events).to.deep.equal([]);
  });

  it('still takes back the events of blocks that it has replaced', async () => {
    const { chain, provider } = stageChain({ 5: 0, 99: 1 }, 100);
    const feed = createEventFeed(provider, rewards, 'Rewards', 1);
    await feed.poll();
    Object.assign(chain, { fork: 2, enrolled: { 5: 0 }, newest: 101 });
    chain.failing.add('logs from 1');
    await feed.poll().catch(() => undefined);
    chain.failing.clear();
    const { events, rewound } = await feed.poll();
    expect(rewound).to.equal(true);
    expect(events.map(({ args }) => Number(args.place))).to.deep.equal([0]);
  });

  it('gives no two events one id, though they are of one transaction, or of one that was mined again', async () => {
    const { chain, provider } = stageChain({ 5: 0, 6: 1 }, 100);
    const feed = createEventFeed(provider, rewards, 'Rewards', 1);
    const { events } = await feed.poll();
    Object.assign(chain, { fork: 2, newest: 101 });
    const ids = [...events, ...(await feed.poll()).events].map(({ id }) => id);
    expect(new Set(ids).size).to.equal(4);
  });

  it('shows nobody a part of the accounts while a reward statement after them is being read', async () => {
    const { chain, provider } = stageChain({ 5: 0, 7: 1 }, 100);
    const client = openRewards(provider, { rewards }, 1);
    await client.sync();
    const fragment = contractInterface('Rewards').getEvent('RewardsProposed')!;
    const facts = [1, 1, 0, 0, rewards, 100, 500, 0, ZeroHash, 0, 0, 0, 0, 0, 0, 0, 0];
    const stated = contractInterface('Rewards').encodeEventLog(fragment, [1, rewards, facts, 500]);
    Object.assign(chain, {
      ...{ fork: 2, newest: 101, enrolled: { 7: 1 } },
      logs: [{ ...stated, blockNumber: 6, transactionHash: ZeroHash }],
    });
    chain.failing.add('getTransaction');
    const error = await client.sync().catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'CHAIN_UNREACHABLE' });
    expect(client.state.accounts.size).to.equal(2);
    chain.failing.clear();
    await client.sync();
    expect(client.state.accounts.size).to.equal(1);
    expect([...client.state.unreadable.keys()]).to.deep.equal([1]);
  });
});
