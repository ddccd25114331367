/** Empty, short and late answers of a provider, each in turn, and machines that lag behind: no event is lost. */
import { expect } from 'chai';
import { type ChainEvent, createEventFeed, type EventFeed } from '../../client/chain/events.ts';
import { ChainProvider } from '../../client/chain/provider.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation, submit } from './federation.ts';
import { type Call, type Fault, type RpcProxy, type Spoil, startProxy } from './proxy.ts';

const hex = (number: number) => `0x${number.toString(16)}`;

describe('answers of a provider that are lost', () => {
  let anvil: Anvil;
  let proxy: RpcProxy;
  let address: string;
  let deployBlock: number;
  let newest: number;
  let truth: string[];
  /** The newest block that the machines behind the proxy know. */
  let height: number;

  before(async () => {
    anvil = await startAnvil();
    const { federation } = await deploySmallFederation(anvil.provider, 4);
    address = federation.addresses.federation;
    for (const account of [1, 2]) await submit(federation, account, 1);
    await anvil.provider.send('anvil_mine', [hex(70)]);
    for (const account of [3, 4]) await submit(federation, account, 1);
    await anvil.provider.send('anvil_mine', [hex(80)]);
    newest = await anvil.provider.getBlockNumber();
    const logs = await anvil.provider.getLogs({ address, fromBlock: 0, toBlock: newest });
    deployBlock = logs[0]!.blockNumber;
    const feed = createEventFeed(anvil.provider, address, 'Federation', deployBlock);
    truth = (await feed.poll()).events.map(({ id }) => id);
    expect(truth.length).to.be.greaterThan(8);
  });
  after(() => anvil.stop());
  beforeEach(async () => {
    proxy = await startProxy(anvil.url);
  });
  afterEach(() => proxy.stop());

  /** As of a machine that knows no block above. */
  async function asOf(known: number, { method, params }: Call): Promise<Fault | undefined> {
    const give = async (tag: number) => await proxy.ask('eth_getBlockByNumber', [hex(tag), false]);
    if (method === 'eth_blockNumber') return { kind: 'result', result: hex(known) };
    if (method === 'eth_getBlockByNumber') {
      const number = params[0] === 'latest' ? known : Number(params[0]);
      return { kind: 'result', result: number > known ? null : await give(number) };
    }
    if (method !== 'eth_getLogs') return undefined;
    const filter = params[0] as { fromBlock: string; toBlock: string };
    if (Number(filter.fromBlock) > known) return { kind: 'result', result: [] };
    const toBlock = hex(Math.min(known, Number(filter.toBlock)));
    return { kind: 'result', result: await proxy.ask(method, [{ ...filter, toBlock }]) };
  }

  /** The chain grows, and each height is looked at twice; what fails is tried again, as by the loop of a role. */
  async function follow(spoil: Spoil, heights = heightsOf()): Promise<string[]> {
    const provider = new ChainProvider(proxy.url, 31_337);
    proxy.spoil = async (call) => (await spoil(call)) ?? (await asOf(height, call));
    const feed = createEventFeed(provider, address, 'Federation', deployBlock);
    let events: ChainEvent[] = [];
    try {
      for (height of heights) {
        for (let look = 0; look < 2; look++) {
          const news = await pollAgain(feed);
          events = news.rewound ? news.events : [...events, ...news.events];
        }
      }
      return events.map(({ id }) => id);
    } finally {
      provider.destroy();
    }
  }

  async function pollAgain(feed: EventFeed): ReturnType<EventFeed['poll']> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await feed.poll();
      } catch (error) {
        expect(error).to.be.instanceOf(TributaryError);
        expect((error as TributaryError).retryable).to.equal(true);
        if (attempt === 40) throw error;
      }
    }
  }

  const heightsOf = () => [newest - 155, newest - 81, newest - 80, newest];

  it('hide no event, whichever single answer is lost and whatever comes in its place', async () => {
    const asked: Call[] = [];
    await follow((call) => {
      asked.push(call);
      return undefined;
    });
    expect(asked.filter(({ method }) => method === 'eth_getLogs')).to.have.length.greaterThan(7);
    for (const [index, { method, params }] of asked.entries()) {
      for (const make of insteadOf(method, params)) {
        let count = 0;
        const found = await follow(async (call) => (count++ === index ? await make(call) : undefined));
        expect(count, `${method} ${index}`).to.be.greaterThan(index);
        expect(found, `${method} ${index} ${make}`).to.deep.equal(truth);
      }
    }
  });

  /** What may come in the place of the answer. */
  function insteadOf(method: string, params: unknown[]): Spoil[] {
    const all: Spoil[] = [() => ({ kind: 'error', code: -32_603, message: 'internal error' })];
    if (method === 'eth_getLogs') {
      const short: Spoil = async (call) => {
        const { result } = (await asOf(height, call)) as { result: unknown[] };
        return { kind: 'result', result: result.slice(0, result.length / 2) };
      };
      all.push(
        () => ({ kind: 'result', result: [] }),
        short,
        (call) => asOf(height - 4, call),
      );
    } else all.push(() => ({ kind: 'result', result: null }));
    if (params[0] === 'latest') all.push((call) => asOf(height - 4, call));
    return all;
  }

  it('hide no event where a balancer takes requests apart, and logs come from a machine that is always behind', async () => {
    const found = await follow((call) => (call.method === 'eth_getLogs' ? asOf(height - 20, call) : undefined));
    expect(found).to.deep.equal(truth);
  });

  it('hide no event where every other request reaches a machine that is behind', async () => {
    let count = 0;
    let behind = 0;
    const found = await follow(
      (call) => {
        // the first call of a request says which machine has it
        if (call.method === 'eth_getBlockByNumber') behind = count++ % 2 === 0 ? 7 : 0;
        return asOf(height - behind, call);
      },
      [...heightsOf(), newest, newest],
    );
    expect(found).to.deep.equal(truth);
  });

  it('hide no event where the provider refuses requests of several calls', async () => {
    proxy.refusesBatches = true;
    const provider = new ChainProvider(proxy.url, 31_337);
    const feed = createEventFeed(provider, address, 'Federation', deployBlock);
    expect((await feed.poll()).events.map(({ id }) => id)).to.deep.equal(truth);
    await feed.poll();
    expect(proxy.batches).to.equal(1);
    provider.destroy();
  });

  it('show no event of a block that the chain does not have', async () => {
    let isForked = true;
    const found = await follow(async (call) => {
      if (call.method !== 'eth_getLogs' || !isForked) return undefined;
      const { result } = (await asOf(height, call)) as { result: { blockHash: string }[] };
      if (result.length === 0) return undefined;
      isForked = false;
      return { kind: 'result', result: result.map((log) => ({ ...log, blockHash: `0x${'ab'.repeat(32)}` })) };
    });
    expect(found).to.deep.equal(truth);
  });
});
