/** A provider that fails, in every way and at every call: nothing is sent twice, and no role ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Wallet } from 'ethers';
import { ChainProvider } from '../../client/chain/provider.ts';
import { createSender } from '../../client/chain/sender.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { openNode } from '../../client/node/openNode.ts';
import { parseNodeOptions } from '../../client/node/options.ts';
import type { NodeEvent } from '../../client/participant/events.ts';
import { runLoop } from '../../client/participant/loop.ts';
import { createMembership, joinAsAggregator } from '../../client/participant/membership.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation } from './federation.ts';
import { type Fault, providerFaults, type RpcProxy, startProxy } from './proxy.ts';

/** What a role asks, in whatever order. */
const methods = [
  'eth_chainId',
  'eth_blockNumber',
  'eth_getCode',
  'eth_getBlockByNumber',
  'eth_getLogs',
  'eth_call',
  'eth_estimateGas',
  'eth_getTransactionCount',
  'eth_getBalance',
  'eth_sendRawTransaction',
  'eth_getTransactionReceipt',
];
const ofSender = methods.slice(methods.indexOf('eth_estimateGas'));

/** The first `times` calls of the method fail. */
function failing(proxy: RpcProxy, method: string, times: number, fault: Fault): { left: number } {
  const state = { left: times };
  proxy.spoil = (call) => (call.method === method && state.left-- > 0 ? fault : undefined);
  return state;
}

/** What people are told of each. */
const saidOf: Record<string, RegExp> = {
  'HTTP 429': /rate limited.*HTTP 429: Too Many Requests/,
  'HTTP 500': /HTTP 500: internal error/,
  'HTML instead of JSON': /HTML/,
  'a closed socket': /did not answer|No chain answers/,
  'JSON-RPC error -32005': /rate limited.*daily request count exceeded/,
};

describe('a provider that fails', () => {
  let anvil: Anvil;
  let deployment: string;
  const proxies: RpcProxy[] = [];
  const folders: string[] = [];

  before(async () => {
    anvil = await startAnvil('--accounts', '20');
    deployment = (await deploySmallFederation(anvil.provider, methods.length + 5)).file;
  });
  after(async () => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    await anvil.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  async function newProxy(): Promise<RpcProxy> {
    const proxy = await startProxy(anvil.url);
    proxies.push(proxy);
    return proxy;
  }

  let receivers = 0;

  /** Tries again whatever may be tried again; answers what the receiver has then, and how many transactions it took. */
  async function pay(proxy: RpcProxy, wallet: Wallet): Promise<{ received: bigint; transactions: number }> {
    const provider = new ChainProvider(proxy.url, 31_337);
    const sender = createSender(wallet, provider);
    const to = new Wallet(`0x${(++receivers).toString(16).padStart(64, 'a')}`).address;
    const before = await anvil.provider.getTransactionCount(wallet.address);
    for (let attempt = 0; ; attempt++) {
      const error = await sender.send('paying', { to, value: 7n }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) break;
      expect(error).to.be.instanceOf(TributaryError).and.to.include({ retryable: true });
      expect(attempt).to.be.lessThan(20);
    }
    provider.destroy();
    const transactions = (await anvil.provider.getTransactionCount(wallet.address)) - before;
    return { received: await anvil.provider.getBalance(to), transactions };
  }

  for (const [name, fault] of Object.entries(providerFaults)) {
    it(`with ${name}, once or ten times: each transaction is still sent once`, async () => {
      const sendThrough = async (method: string, account: number) => {
        const proxy = await newProxy();
        for (const times of [1, 10]) {
          const state = failing(proxy, method, times, fault);
          const paid = await pay(proxy, developmentWallet(account));
          expect(state.left, `${method} is asked`).to.be.lessThan(1);
          expect(paid, `${method} ${times} times`).to.deep.equal({ received: 7n, transactions: 1 });
        }
      };
      await Promise.all(ofSender.map(sendThrough));
    });

    it(`with ${name} after it has passed the transaction on: it is still sent once`, async () => {
      const proxy = await newProxy();
      for (const times of [1, 10]) {
        failing(proxy, 'eth_sendRawTransaction', times, { ...fault, late: true } as Fault);
        expect(await pay(proxy, developmentWallet(0))).to.deep.equal({ received: 7n, transactions: 1 });
      }
    });
  }

  it('by an empty receipt, however late: no transaction is sent twice', async () => {
    const proxy = await newProxy();
    const since = Date.now();
    let taken = 0;
    proxy.spoil = ({ method }) => {
      if (method === 'eth_sendRawTransaction' && taken++ > 0) {
        return { kind: 'error', code: -32_000, message: 'nonce too low' };
      }
      // this machine has neither the receipt nor the block
      const isBehind = Date.now() - since < 5000;
      if (method === 'eth_getTransactionReceipt' && isBehind) return { kind: 'result', result: null };
      return method === 'eth_getTransactionCount' && taken > 0 && isBehind
        ? { kind: 'result', result: '0x0' }
        : undefined;
    };
    expect(await pay(proxy, developmentWallet(0))).to.deep.equal({ received: 7n, transactions: 1 });
    expect(taken).to.be.greaterThan(1);
  });

  /** A role from its start until it has joined and goes around its loop. */
  async function runRole(proxy: RpcProxy, account: number): Promise<NodeEvent[]> {
    const data = mkdtempSync(join(tmpdir(), 'tributary-faulty-'));
    folders.push(data);
    const said: NodeEvent[] = [];
    const kubo = { kuboApi: 'http://127.0.0.1:5001', kuboGateway: 'http://127.0.0.1:8080' };
    const options = { deployment, data, devAccount: account, rpc: proxy.url, store: 'embedded', pollMs: 10, ...kubo };
    const { signal } = new AbortController();
    const report = (event: NodeEvent) => said.push(event);
    const parsed = parseNodeOptions({ ...options, listen: '127.0.0.1:0' });
    const node = await openNode('aggregator', parsed, report, signal);
    const enter = createMembership(node, joinAsAggregator);
    let looks = 0;
    await runLoop(node, 'joining', async () => {
      await enter();
      return ++looks === 3;
    });
    expect(node.federation.state.aggregators.has(node.account)).to.equal(true);
    await node.close();
    return said;
  }

  it('once at every call, in each way: it is asked again, and nobody need know', async () => {
    const faults = Object.values(providerFaults);
    await Promise.all(
      faults.map(async (_, rotation) => {
        const proxy = await newProxy();
        const asked = new Set<string>();
        proxy.spoil = ({ method }) => {
          if (asked.has(method)) return undefined;
          asked.add(method);
          return faults[(methods.indexOf(method) + rotation) % faults.length];
        };
        const said = await runRole(proxy, methods.length + 1 + rotation);
        for (const method of methods) expect([...asked]).to.include(method);
        expect(said.filter(({ event }) => event === 'retrying')).to.deep.equal([]);
      }),
    );
  });

  it('twenty times in a row at any one call: no role ends, and it says what failed, in the words of the provider', async () => {
    const faults = Object.entries(providerFaults);
    await Promise.all(
      methods.map(async (method, index) => {
        const proxy = await newProxy();
        const [name, fault] = faults[index % faults.length]!;
        const state = failing(proxy, method, 20, fault);
        const said = await runRole(proxy, index + 1);
        expect(state.left, method).to.be.lessThan(1);
        expect(
          said.some(({ event }) => event === 'joined'),
          method,
        ).to.equal(true);
        const retries = said.filter((event) => event.event === 'retrying');
        // who sends again, or asks for a receipt again, has nothing to say of it
        if (method !== 'eth_getTransactionReceipt') expect(retries, method).to.not.be.empty;
        for (const { reason } of retries) expect(reason, method).to.match(saidOf[name]!);
      }),
    );
  });
});
