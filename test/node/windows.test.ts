import { expect } from 'chai';
import type { JsonRpcProvider } from 'ethers';
import type { TributaryError } from '../../client/core/errors.ts';
import { defaultChoices, type FederationChoices } from '../../client/node/choices.ts';
import { checkWindows } from '../../client/node/windows.ts';

/** A chain with a block every so many seconds. */
function chainOf(blockSeconds: number, height = 1000): JsonRpcProvider {
  const getBlock = async (block: number | 'latest') => {
    const number = block === 'latest' ? height : block;
    return { number, timestamp: 1_700_000_000 + number * blockSeconds };
  };
  return { getBlock } as unknown as JsonRpcProvider;
}

async function complaint(blockSeconds: number, choices: Partial<FederationChoices>): Promise<string> {
  try {
    await checkWindows(chainOf(blockSeconds), { ...defaultChoices, ...choices });
  } catch (error) {
    expect((error as TributaryError).code).to.equal('CONFIG_INVALID');
    return (error as Error).message;
  }
  return 'nothing was wrong';
}

describe('windows in which who is late loses stake', () => {
  for (const name of ['scoringSeconds', 'revealSeconds', 'publishSeconds', 'answerSeconds'] as const) {
    it(`are refused below 30 seconds: ${name}`, async () => {
      expect(await complaint(1, { [name]: 29 })).to.match(new RegExp(`^windows\\.${name}: 29 s .* at least 30 s`));
      expect(await complaint(1, { [name]: 30 })).to.equal('nothing was wrong');
    });

    it(`are refused below ten blocks of the chain: ${name}`, async () => {
      expect(await complaint(12, { [name]: 119 })).to.match(new RegExp(`^windows\\.${name}: 119 s .* at least 120 s`));
      expect(await complaint(12, { [name]: 120 })).to.equal('nothing was wrong');
    });
  }

  it('are refused where they follow from too short a challenge window', async () => {
    expect(await complaint(1, { challengeSeconds: 149 })).to.match(/^windows\.revealSeconds: 29 s/);
    expect(await complaint(1, { challengeSeconds: 160 })).to.equal('nothing was wrong');
  });

  it('are measured by the blocks that there are', async () => {
    await checkWindows(chainOf(12, 0), { ...defaultChoices, answerSeconds: 30 });
    const early = checkWindows(chainOf(12, 1), { ...defaultChoices, answerSeconds: 30 });
    expect(
      await early.then(
        () => undefined,
        (error: Error) => error.message,
      ),
    ).to.match(/at least 120 s/);
  });
});
