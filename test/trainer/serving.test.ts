/** What a trainer does with an update whose round takes no more submissions. */
import { expect } from 'chai';
import { emptyState, type Round } from '../../client/chain/rounds.ts';
import { digestOfCid } from '../../client/core/cid.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import { buildDag } from '../../client/storage/dag.ts';
import type { Outbox } from '../../client/trainer/outbox.ts';
import { createServing } from '../../client/trainer/serving.ts';
import { expectRejection } from '../governance/expectCode.ts';

const wallet = developmentWallet(1);
const update = Uint8Array.of(1, 2);

/** Nobody listens where the only aggregator says that it does. */
async function stage(
  round: Partial<Round>,
  { slashed = false, endpoint = undefined as string | undefined, held = update as Uint8Array | 'damaged' } = {},
) {
  const state = emptyState();
  const cid = digestOfCid((await buildDag(update)).root);
  const submissions = new Map([[wallet.address, { trainer: wallet.address, slashed, cid }]]);
  const over = { submissions, submissionDeadline: 5, expectedTrainers: 1, final: false, skipped: false, voided: false };
  state.rounds.set(1, { number: 1, ...over, ...round } as unknown as Round);
  state.aggregators.add('0xaggregator');
  state.endpoints.set('0xaggregator', 'http://127.0.0.1:1');
  const outbox = new Set([1]);
  const said: NodeEvent[] = [];
  const aside: string[] = [];
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
    read: async () => (held === 'damaged' ? undefined : held),
    remove: async (number) => void outbox.delete(number),
    setAside: async (_, problem) => void aside.push(problem),
  };
  const serve = createServing(node as never, kept as Outbox);
  return { serve, outbox, said, stored, aside };
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

  it('neither stores nor serves bytes that the chain does not hold, and sets them aside', async () => {
    for (const held of [Uint8Array.of(1, 3), Uint8Array.of(1, 2, 0), new Uint8Array(0)]) {
      const { serve, outbox, said, stored, aside } = await stage({}, { endpoint: 'http://node', held });
      await serve();
      expect([stored.length, said.length, outbox.size]).to.deep.equal([0, 0, 0]);
      expect(aside.join()).to.match(
        /^the chain has the digest 0x[0-9a-f]{64} for round 1, which its bytes do not have/,
      );
    }
  });
  it('goes on where the update is damaged', async () => {
    const { serve, outbox, said, stored } = await stage({}, { endpoint: 'http://node', held: 'damaged' });
    await serve();
    expect([stored.length, said.length, outbox.size]).to.deep.equal([0, 0, 0]);
  });
});
