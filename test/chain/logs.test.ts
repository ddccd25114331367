import { expect } from 'chai';
import type { Log } from 'ethers';
import type { LogRange } from '../../client/chain/log.ts';
import { readLogs } from '../../client/chain/logs.ts';
import { createPageSize } from '../../client/chain/pageSize.ts';

/** A provider that answers with one log a block, and refuses pages of more than `most`. */
function providerOf(most: number) {
  const asked: number[] = [];
  return {
    asked,
    async readRange(_filter: object, fromBlock: number, toBlock: number): Promise<LogRange> {
      const count = toBlock - fromBlock + 1;
      asked.push(count);
      if (count > most) throw new Error('query returned more than 10000 results');
      const logs = Array.from({ length: count }, (_, i) => ({ blockNumber: fromBlock + i })) as Log[];
      return { last: { number: toBlock } as LogRange['last'], logs };
    },
  };
}

const read = (provider: object, first: number, last: number) =>
  readLogs(provider as Parameters<typeof readLogs>[0], {}, first, last);

describe('logs', () => {
  it('of a single block are an error where the provider refuses them', async () => {
    const error = await read(providerOf(0), 5, 9).catch((cause: unknown) => cause);
    expect(error).to.be.instanceOf(Error);
  });

  it('that are too many for a page are read in smaller pages, each log once', async () => {
    const logs = await read(providerOf(3), 7, 4106);
    expect(logs.map(({ blockNumber }) => blockNumber)).to.deep.equal(Array.from({ length: 4100 }, (_, i) => 7 + i));
  });

  it('are read in pages of 2000 blocks where nothing is refused', async () => {
    const provider = providerOf(Number.POSITIVE_INFINITY);
    expect(await read(provider, 1, 4500)).to.have.length(4500);
    expect(provider.asked).to.deep.equal([2000, 2000, 500]);
  });

  it('are asked for in pages that were answered before, and a larger one is tried again after a while', async () => {
    const provider = { ...providerOf(3), pages: createPageSize() };
    await read(provider, 1, 30);
    const before = provider.asked.length;
    await read(provider, 31, 60);
    expect(provider.asked.slice(before).every((count) => count <= 3)).to.equal(true);
    await read(provider, 61, 600);
    expect(Math.max(...provider.asked.slice(before))).to.equal(6);
  });
});
