import { expect } from 'chai';
import type { JsonRpcProvider } from 'ethers';
import type { TributaryError } from '../../client/core/errors.ts';
import { defaultChoices, type FederationChoices } from '../../client/deployment/choices.ts';
import { checkWindows } from '../../client/deployment/deploy.ts';

/** A block a second. */
const provider = {
  getBlock: async (block: unknown) => ({ number: Number(block) || 1000, timestamp: Number(block) || 1000 }),
} as unknown as JsonRpcProvider;

async function complaint(choices: Partial<FederationChoices>): Promise<string> {
  try {
    await checkWindows(provider, 1329, { ...defaultChoices, ...choices });
  } catch (error) {
    expect((error as TributaryError).code).to.equal('CONFIG_INVALID');
    return (error as Error).message;
  }
  return 'nothing was wrong';
}

describe('the windows that are chosen', () => {
  for (const name of ['scoringSeconds', 'revealSeconds', 'publishSeconds', 'answerSeconds'] as const) {
    it(`are refused where they are too short: ${name}`, async () => {
      expect(await complaint({ [name]: 29 })).to.match(new RegExp(`^windows\\.${name}: 29 s .* at least 30 s`));
      expect(await complaint({ [name]: 30 })).to.equal('nothing was wrong');
    });
  }

  it('are refused where they follow from too short a challenge window', async () => {
    expect(await complaint({ challengeSeconds: 149, answerSeconds: 30 })).to.match(/^windows\.revealSeconds: 29 s/);
    expect(await complaint({ challengeSeconds: 160, answerSeconds: 30 })).to.equal('nothing was wrong');
  });
});
