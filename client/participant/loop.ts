/**
 * The loop of every role: read the chain, do whatever is due, wait for the next block. A step looks only at the chain and
 * at the own store, so it may be interrupted anywhere and run again; only here is anything tried again.
 */
import { jittered } from '../chain/attempts.ts';
import { isOfProvider, knownFailure } from '../chain/failure.ts';
import type { TributaryError } from '../core/errors.ts';
import { createKeyWatch } from './keyWatch.ts';
import type { Participant } from './participant.ts';
import type { Looking } from './rest.ts';

/** Pauses after failures in a row, in milliseconds. */
const shortestPauseMs = 100;
const longestPauseMs = 10_000;
/** Refusals by the contract in a row, without anything done in between, after which the process gives up. */
const mostRefusals = 20;
/** Failures in a row after which nothing but time is waited for. */
const hopelessFailures = 5;
/** How far pauses have grown after a new block: it may bring what was missing, and no provider is spared by waiting for a peer. */
const doublingsAfterBlock = 2;

/** Answers true when the role has nothing more to do. */
export type Step = () => Promise<boolean>;
type Trying = Pick<Participant, 'report' | 'signal'>;

/** `name` is what is said to have failed. */
export async function runLoop(node: Participant, name: string, step: Step): Promise<void> {
  const looking = node.rest.begin();
  try {
    await look(node, name, step, looking);
  } finally {
    looking.ends();
  }
}

async function look(node: Participant, name: string, step: Step, looking: Looking): Promise<void> {
  let block = 0;
  const restUntil = async (over: Promise<void>) => {
    looking.rests(block);
    await over;
    looking.wakes();
  };
  const patience = createPatience(node, restUntil);
  while (!node.signal.aborted) {
    let current = 'reading the chain';
    try {
      await Promise.all([node.federation.sync(), node.rewards.sync()]);
      block = node.federation.head().number;
      current = name;
      if (await step()) return;
      patience.renew();
      await restUntil(node.wake.next(node.signal));
    } catch (error) {
      if (node.signal.aborted) return;
      await patience.bear(current, error, block);
    }
  }
}

/** Several loops that do not wait for one another, by name, until the first of them is done or fails. `createSteps` gets a node that stops then. */
export async function runLoops(node: Participant, createSteps: (node: Participant) => Readonly<Record<string, Step>>) {
  const done = new AbortController();
  const working = { ...node, signal: AbortSignal.any([node.signal, done.signal]) };
  const { instance } = node;
  const watch: Record<string, Step> =
    instance === undefined ? {} : { 'looking for others with this key': createKeyWatch(working, instance) };
  const loops = Object.entries({ ...createSteps(working), ...watch });
  await Promise.all(loops.map(([name, step]) => runLoop(working, name, step).finally(() => done.abort())));
}

/** For what is no loop, such as the start of a role: until it succeeds. Errors: those that are not retryable; the abort's. */
export async function insist<T>(trying: Trying, name: string, act: () => Promise<T>): Promise<T> {
  const patience = createPatience(trying);
  for (;;) {
    try {
      return await act();
    } catch (error) {
      trying.signal.throwIfAborted();
      const failure = knownFailure(error, name);
      if (!failure?.retryable) throw error;
      await patience.bear(name, failure);
      trying.signal.throwIfAborted();
    }
  }
}

/** Pauses that grow with the failures in a row; `restUntil` waits for those of which nothing is hoped but by time. */
function createPatience({ report, signal }: Trying, restUntil = (over: Promise<void>) => over) {
  let failures = 0;
  let refusals = 0;
  let doublings = 0;
  let lastBlock = 0;
  return {
    renew(): void {
      failures = refusals = doublings = 0;
    },
    /** Says what failed, and pauses. Errors: what trying again does not mend. */
    async bear(step: string, error: unknown, block = 0): Promise<void> {
      const failure = knownFailure(error, step);
      if (failure === undefined) throw error;
      // another node was faster, or the chain has moved on: the next look tells
      if (failure.code === 'TRANSACTION_REVERTED') refusals++;
      else if (!failure.retryable) throw failure;
      if (refusals > mostRefusals) throw failure;
      failures++;
      reportRetry({ report }, step, failure);
      if (block !== lastBlock && !isOfProvider(failure)) doublings = Math.min(doublings, doublingsAfterBlock);
      lastBlock = block;
      const over = pause(jittered(Math.min(shortestPauseMs * 2 ** doublings++, longestPauseMs)), signal);
      await (failures < hopelessFailures ? over : restUntil(over));
    },
  };
}

export function reportRetry(
  { report }: Pick<Participant, 'report'>,
  step: string,
  { message, code }: TributaryError,
): void {
  report({ event: 'retrying', step, reason: message, code });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
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
