/**
 * Blocks that are taken back at every step of a round, one to ten of them: what was in them is lost, put back, or put back in another order.
 * No role ends, nothing false is proven, and the model is that of a run in which nothing happened, to the bit.
 */
import { expect } from 'chai';
import type { TransactionResponse } from 'ethers';
import { Transaction } from 'ethers';
import type { NodeEvent } from '../../client/participant/events.ts';
import { FederationRun, rounds } from './federationRun.ts';
import type { RoleProcess } from './processes.ts';

type Fate = 'lost' | 'put back' | 'put back in another order';
/** When it happens: the first time that one of the roles says so of the round. */
interface Moment {
  event: NodeEvent['event'];
  round: number;
  depth: number;
}

const steps = ['submitted', 'attested', 'aggregated', 'proposed', 'verified'] as const;
const moments: readonly Moment[] = Array.from({ length: 10 }, (_, index) => ({
  event: steps[index % steps.length]!,
  round: 1 + Math.floor(index / steps.length),
  depth: index + 1,
}));

describe('a federation whose chain takes blocks back', () => {
  let run: FederationRun;
  let undisturbed: string;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
  });
  afterEach(() => run.close());

  function startAll(): RoleProcess[] {
    return [
      run.start('watchtower', 5),
      run.start('aggregator', 3),
      run.start('aggregator', 4),
      run.start('trainer', 1),
      run.start('trainer', 2),
    ];
  }

  async function reorganise(depth: number, fate: Fate): Promise<void> {
    const { provider } = run.anvil;
    const newest = await provider.getBlockNumber();
    const taken: TransactionResponse[] = [];
    for (let number = newest - depth + 1; number <= newest; number++) {
      const block = await provider.getBlock(number, true);
      taken.push(...block!.prefetchedTransactions);
    }
    if (fate === 'put back in another order') {
      taken.sort((a, b) => (a.from === b.from ? a.nonce - b.nonce : a.from < b.from ? 1 : -1));
    }
    const pairs = fate === 'lost' ? [] : taken.map((transaction) => [Transaction.from(transaction).serialized, 0]);
    await provider.send('anvil_reorg', [depth, pairs]);
  }

  /** One after the other: each looks at the blocks that the one before has left. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn(act: () => Promise<void>): Promise<void> {
    const next = last.then(act);
    last = next.catch(() => undefined);
    return next;
  }

  async function happen(processes: readonly RoleProcess[], { event, round, depth }: Moment, fate: Fate): Promise<void> {
    const fits = (said: NodeEvent) => 'round' in said && said.round === round;
    await Promise.any(processes.map((process) => process.event(event, fits)));
    await inTurn(() => reorganise(depth, fate));
  }

  async function grow(fate?: Fate): Promise<string> {
    const processes = startAll();
    const happened = fate === undefined ? [] : moments.map((moment) => happen(processes, moment, fate));
    const codes = await Promise.all(processes.map(({ ended }) => ended));
    const said = processes.map(
      ({ role, events, stderr }) => `${role}: ${stderr()} ${JSON.stringify(events.slice(-3))}`,
    );
    expect(codes, said.join('\n')).to.deep.equal(processes.map(() => 0));
    await Promise.all(happened);
    const events = processes.flatMap((process) => process.events);
    for (const { event } of events) expect(event).to.not.be.oneOf(['refuted', 'challenged', 'stakeLost', 'failed']);
    return await run.finalModelRoot();
  }

  before(async () => {
    run = new FederationRun();
    await run.open();
    undisturbed = await grow();
    await run.close();
  });

  for (const fate of ['lost', 'put back', 'put back in another order'] as const) {
    it(`with transactions that are ${fate} grows the same model in ${rounds} rounds`, async () => {
      expect(await grow(fate)).to.equal(undisturbed);
    });
  }
});

describe('a federation on a chain whose clock', () => {
  for (const [what, seconds] of [
    ['is an hour ahead', 3600],
    ['is an hour behind', -3600],
  ] as const) {
    it(`${what} takes part in every round`, async () => {
      const run = new FederationRun();
      try {
        await run.open({}, {}, {}, ['--timestamp', String(Math.floor(Date.now() / 1000) + seconds)]);
        const processes = [run.start('aggregator', 3), run.start('trainer', 1), run.start('trainer', 2)];
        expect(await Promise.all(processes.map(({ ended }) => ended))).to.deep.equal([0, 0, 0]);
        await run.finalModelRoot();
      } finally {
        await run.close();
      }
    });
  }
});
