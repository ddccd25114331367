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
    expect(await findShortWindow(chainOf(12, 1), 1329, { answerSeconds: 119 })).to.match(/at least 120 s$/);
    expect(await findShortWindow(chainOf(12, 0), 1329, { answerSeconds: 30 })).to.equal(undefined);
  });

  it('may be shorter on the development chain', async () => {
    expect(await findShortWindow(chainOf(12), developmentChainId, { revealSeconds: 1 })).to.equal(undefined);
  });
});
