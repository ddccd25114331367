/**
 * The loop of every role: read the chain, do whatever is due, wait for the next block. A step looks only at the chain and
 * at the own store, so it may be interrupted anywhere and run again; only here is anything tried again.
 */
import { TributaryError } from '../core/errors.ts';
import type { Node } from './node.ts';
import type { Looking } from './rest.ts';

/** Pauses after failures in a row, in milliseconds. */
const shortestPauseMs = 100;
const longestPauseMs = 10_000;
/** Refusals by the contract in a row, without anything done in between, after which the process gives up. */
const mostRefusals = 20;
/** Failures in a row after which nothing but time is waited for. */
const hopelessFailures = 5;

/** `step` answers true when the role has nothing more to do. */
export async function runLoop(node: Node, step: () => Promise<boolean>): Promise<void> {
  const looking = node.rest.begin();
  try {
    await look(node, step, looking);
  } finally {
    looking.ends();
  }
}

async function look(node: Node, step: () => Promise<boolean>, looking: Looking): Promise<void> {
  let failures = 0;
  let refusals = 0;
  let block = 0;
  const restUntil = async (over: Promise<void>) => {
    looking.rests(block);
    await over;
    looking.wakes();
  };
  while (!node.signal.aborted) {
    try {
      await Promise.all([node.federation.sync(), node.rewards.sync()]);
      block = node.federation.head().number;
      if (await step()) return;
      failures = 0;
      refusals = 0;
      await restUntil(node.wake.next(node.signal));
    } catch (error) {
      if (node.signal.aborted) return;
      if (!(error instanceof TributaryError)) throw error;
      // another node was faster, or the chain has moved on: the next look tells
      const refused = error.code === 'TRANSACTION_REVERTED';
      if (refused) refusals++;
      if ((!error.retryable && !refused) || refusals > mostRefusals) throw error;
      failures++;
      node.report({ event: 'retrying', step: 'a step', reason: error.message, code: error.code });
      const over = pause(Math.min(shortestPauseMs * 2 ** (failures - 1), longestPauseMs), node.signal);
      await (failures < hopelessFailures ? over : restUntil(over));
    }
  }
}

/** Several loops that do not wait for one another, until the first of them is done or fails. `createSteps` gets a node that stops then. */
export async function runLoops(node: Node, createSteps: (node: Node) => readonly (() => Promise<boolean>)[]) {
  const done = new AbortController();
  const working = { ...node, signal: AbortSignal.any([node.signal, done.signal]) };
  await Promise.all(createSteps(working).map((step) => runLoop(working, step).finally(() => done.abort())));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
