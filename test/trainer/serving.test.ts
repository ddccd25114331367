/** What a trainer does with an update whose round takes no more submissions. */
import { expect } from 'chai';
import { emptyState, type Round } from '../../client/chain/rounds.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import { buildDag } from '../../client/storage/dag.ts';
import type { Outbox } from '../../client/trainer/outbox.ts';
import { createServing } from '../../client/trainer/serving.ts';
import { expectRejection } from '../governance/expectCode.ts';

const wallet = developmentWallet(1);

/** Nobody listens where the only aggregator says that it does. */
async function stage(round: Partial<Round>, { slashed = false, endpoint = undefined as string | undefined } = {}) {
  const state = emptyState();
  const submissions = new Map([[wallet.address, { trainer: wallet.address, slashed }]]);
  const over = { submissions, submissionDeadline: 5, expectedTrainers: 1, final: false, skipped: false, voided: false };
  state.rounds.set(1, { number: 1, ...over, ...round } as unknown as Round);
  state.aggregators.add('0xaggregator');
  state.endpoints.set('0xaggregator', 'http://127.0.0.1:1');
  const outbox = new Set([1]);
  const said: NodeEvent[] = [];
  const stored: Uint8Array[] = [];
  const node = {
    account: wallet.address,
    options: { keepUpdates: 2 },
    addresses: { chainId: 31_337, federation: developmentWallet(7).address },
    federation: { state, chainTime: () => 6 },
    sender: { sign: (text: string) => wallet.signMessage(text) },
    store: {
      endpoint,
      put: async (bytes: Uint8Array) => {
        stored.push(bytes);
        return (await buildDag(bytes)).root;
      },
    },
    report: (event: NodeEvent) => said.push(event),
    signal: new AbortController().signal,
  };
  const kept: Partial<Outbox> = {
    rounds: async () => [...outbox],
    read: async () => Uint8Array.of(1, 2),
    remove: async (number) => void outbox.delete(number),
  };
  const serve = createServing(node as never, kept as Outbox);
  return { serve, outbox, said, stored };
}

describe('a trainer that serves nobody', () => {
  it('keeps an update that somebody needs until an aggregator takes it', async () => {
    const { serve, outbox, said } = await stage({});
    await expectRejection(serve(), 'STORE_UNREACHABLE', /None of 1 aggregators takes the update/);
    expect([...outbox]).to.deep.equal([1]);
    expect(said).to.deep.equal([]);
  });

  it('does not go on offering what nobody takes any more, so that later updates get their turn', async () => {
    for (const [round, slashed] of [
      [{ final: true }, false],
      [{ skipped: true }, false],
      [{ voided: true }, false],
      [{}, true],
    ] as const) {
      const { serve, outbox } = await stage(round, { slashed });
      await serve();
      expect([...outbox]).to.deep.equal([]);
    }
  });
});

describe('a trainer that serves', () => {
  it('puts the update into its store, whatever became of its round, unless that is void', async () => {
    for (const [round, puts] of [
      [{ voided: true }, 0],
      [{ skipped: true }, 1],
      [{}, 1],
    ] as const) {
      const { serve, outbox, said, stored } = await stage(round, { endpoint: 'http://node' });
      await serve();
      expect([stored.length, said.length, outbox.size]).to.deep.equal([puts, puts, 0]);
    }
  });
});
