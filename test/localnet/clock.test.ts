import { expect } from 'chai';
import type { FederationClient } from '../../client/chain/federation.ts';
import type { ChainProvider } from '../../client/chain/provider.ts';
import { emptyRewardsState } from '../../client/chain/rewardState.ts';
import type { RewardsClient } from '../../client/chain/rewards.ts';
import { emptyState, type Round } from '../../client/chain/rounds.ts';
import { createChainClock } from '../../client/localnet/clock.ts';

const now = 1000;
const block = 7;

/** A chain whose open round waits for two of three trainers until second 1600. */
function stage() {
  const moved: number[] = [];
  const round = { number: 1, submissionDeadline: 1600, submissions: new Map([['a', {}]]) } as unknown as Round;
  const federation = {
    sync: async () => undefined,
    head: () => ({ number: block, timestamp: now }),
    chainTime: () => now,
    parameters: () => ({ submissionSeconds: 600, turnSeconds: 60, challengeSeconds: 600, answerSeconds: 100 }),
    state: { ...emptyState(), openRound: 1, rounds: new Map([[1, round]]) },
  } as unknown as FederationClient;
  const rewards = {
    sync: async () => undefined,
    state: emptyRewardsState(),
    parametersOf: () => ({ revealSeconds: 100, publishSeconds: 100 }),
  } as unknown as RewardsClient;
  const provider = {
    send: async (method: string, [seconds]: [string]) => method === 'evm_increaseTime' && moved.push(Number(seconds)),
  } as unknown as ChainProvider;
  const { mayJoinAt } = federation.state;
  const clock = createChainClock({ provider, federation, rewards });
  /** Answers when all that this leads to has happened. */
  const rests = async (process: string, looks = 3, at = block) => {
    clock.observe(process, { rests: { block: at, looks } });
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { clock, moved, rests, mayJoinAt };
}

describe("the clock of a run's own chain", () => {
  it('is moved to the next moment when the last process rests', async () => {
    const { clock, moved, rests } = stage();
    for (const name of ['trainer', 'aggregator']) clock.works(name);
    await rests('trainer');
    expect(moved).to.deep.equal([]);
    await rests('aggregator');
    expect(moved).to.deep.equal([600]);
  });

  it('does not pass over the moment from which a removed member may join again', async () => {
    const { clock, moved, rests, mayJoinAt } = stage();
    mayJoinAt.set('b', now + 200);
    clock.works('trainer');
    await rests('trainer');
    expect(moved).to.deep.equal([200]);
  });

  it('stands still while a process has not looked at the newest block, or not often enough', async () => {
    const { clock, moved, rests } = stage();
    clock.works('trainer');
    await rests('trainer', 3, block - 1);
    await rests('trainer', 2);
    expect(moved).to.deep.equal([]);
  });

  it('waits for a process that is to be started again, and not for one that has ended', async () => {
    const { clock, moved, rests } = stage();
    for (const name of ['trainer', 'aggregator']) clock.works(name);
    await rests('trainer');
    clock.works('trainer');
    await rests('aggregator');
    expect(moved).to.deep.equal([]);
    clock.leaves('trainer');
    await rests('aggregator');
    expect(moved).to.deep.equal([600]);
  });

  it('is no longer moved when it is closed', async () => {
    const { clock, moved, rests } = stage();
    clock.works('trainer');
    clock.close();
    await rests('trainer');
    expect(moved).to.deep.equal([]);
  });
});
