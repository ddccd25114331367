/** How long a loop pauses whose step fails. */
import { expect } from 'chai';
import { TributaryError } from '../../client/core/errors.ts';
import { runLoop } from '../../client/participant/loop.ts';
import type { Participant } from '../../client/participant/participant.ts';
import { createRest, type Resting } from '../../client/participant/rest.ts';

/** Fails from the start, until `looks` have been told of block 2, which comes after `failures`. Answers when each look was told. */
async function looksAfterABlock(code: 'BLOB_UNAVAILABLE' | 'CHAIN_UNREACHABLE', failures: number, looks: number) {
  const stop = new AbortController();
  const told: number[] = [];
  let block = 1;
  let failed = 0;
  const tell = ({ rests }: Resting) => {
    if (rests.block !== 2) return;
    told.push(performance.now());
    if (rests.looks === looks) stop.abort();
  };
  const node = {
    federation: { sync: async () => undefined, head: () => ({ number: block }) },
    rewards: { sync: async () => undefined },
    rest: createRest(tell),
    report: () => undefined,
    signal: stop.signal,
  } as unknown as Participant;
  await runLoop(node, 'looking for an update', async () => {
    if (++failed === failures) block = 2;
    throw new TributaryError(code, 'It is not here.', { retryable: true });
  });
  return told;
}

describe('a loop whose step fails', () => {
  it('looks again soon after a new block, which may bring what was missing', async () => {
    const [first, , third] = await looksAfterABlock('BLOB_UNAVAILABLE', 6, 3);
    // 0.4 and 0.8 seconds, not 6.4 and 10
    expect(third! - first!).to.be.below(6000);
  });

  it('spares a provider that fails, whatever blocks come', async () => {
    const [first, second] = await looksAfterABlock('CHAIN_UNREACHABLE', 5, 2);
    // the sixth pause, a quarter less at least, and not the third
    expect(second! - first!).to.be.above(2000);
  });
});
