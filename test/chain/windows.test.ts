import { expect } from 'chai';
import type { JsonRpcProvider } from 'ethers';
import { developmentChainId, findShortWindow } from '../../client/chain/windows.ts';

/** A chain with a block every so many seconds. */
function chainOf(blockSeconds: number, height = 1000): Pick<JsonRpcProvider, 'getBlock'> {
  const getBlock = async (block: unknown) => {
    const number = block === 'latest' ? height : Number(block);
    return { number, timestamp: 1_700_000_000 + number * blockSeconds };
  };
  return { getBlock } as unknown as JsonRpcProvider;
}

describe('windows in which a late participant loses stake', () => {
  it('are at least 30 seconds', async () => {
    const problem = await findShortWindow(chainOf(1), 1329, { scoringSeconds: 30, revealSeconds: 29 });
    expect(problem).to.match(/^revealSeconds: 29 s .* at least 30 s$/);
    expect(await findShortWindow(chainOf(1), 1329, { scoringSeconds: 30, revealSeconds: 30 })).to.equal(undefined);
  });

  it('are at least ten blocks of the chain, as they are', async () => {
    expect(await findShortWindow(chainOf(12), 1329, { answerSeconds: 119 })).to.match(
      /^answerSeconds: 119 s .* 120 s$/,
    );
    expect(await findShortWindow(chainOf(12), 1329, { answerSeconds: 120 })).to.equal(undefined);
    expect(await findShortWindow(chainOf(12, 2), 1329, { answerSeconds: 119 })).to.match(/at least 120 s$/);
    for (const height of [0, 1]) {
      expect(await findShortWindow(chainOf(12, height), 1329, { answerSeconds: 30 })).to.equal(undefined);
    }
  });

  it('are measured without the first block, which has no time on some chains', async () => {
    const { getBlock } = chainOf(2, 13);
    const fromNothing = async (tag: unknown) => ({
      ...(await getBlock(tag as number))!,
      ...(tag === 0 && { timestamp: 0 }),
    });
    const provider = { getBlock: fromNothing } as unknown as JsonRpcProvider;
    expect(await findShortWindow(provider, 1337, { answerSeconds: 30 })).to.equal(undefined);
  });

  it('may be shorter on the development chain', async () => {
    expect(await findShortWindow(chainOf(12), developmentChainId, { revealSeconds: 1 })).to.equal(undefined);
  });
});
