/** How nodes and gateways that people use answer, each by a name: what a proxy makes of each call. docs/providers.md tells whose habits these are. */
import { Transaction } from 'ethers';
import type { Call, Fault, RpcProxy, Spoil } from './proxy.ts';

type Habit = (proxy: RpcProxy) => Spoil;

const hex = (number: number) => `0x${number.toString(16)}`;
const refusal = (message: string, code = -32_000): Fault => ({ kind: 'error', code, message });
const isSending = ({ method }: Call) => method === 'eth_sendRawTransaction';

/** What a machine answers that knows no block above. */
async function asOf(proxy: RpcProxy, known: number, { method, params }: Call): Promise<Fault | undefined> {
  if (method === 'eth_blockNumber') return { kind: 'result', result: hex(known) };
  if (method === 'eth_getTransactionReceipt') {
    const receipt = (await proxy.ask(method, params)) as { blockNumber: string } | null;
    return receipt !== null && Number(receipt.blockNumber) > known ? { kind: 'result', result: null } : undefined;
  }
  if (method === 'eth_getBlockByNumber') {
    const number = params[0] === 'latest' ? known : Number(params[0]);
    return { kind: 'result', result: number > known ? null : await proxy.ask(method, [hex(number), params[1]]) };
  }
  if (method !== 'eth_getLogs') return undefined;
  const filter = params[0] as { fromBlock: string; toBlock: string };
  if (Number(filter.fromBlock) > known) return { kind: 'result', result: [] };
  return {
    kind: 'result',
    result: await proxy.ask(method, [{ ...filter, toBlock: hex(Math.min(known, Number(filter.toBlock))) }]),
  };
}

/** One call in so many reaches a machine that is some blocks behind, also within one request. */
const lagging: Habit = (proxy) => {
  let calls = 0;
  return async (call) => {
    if (++calls % 3 !== 0 || isSending(call)) return undefined;
    const newest = Number(await proxy.ask('eth_blockNumber', []));
    return await asOf(proxy, Math.max(0, newest - 1 - (calls % 4)), call);
  };
};

/** One request in so many fails as a whole. */
const eachOf =
  (every: number, fault: Fault): Habit =>
  () => {
    let requests = 0;
    return ({ place }) => (place === 0 && ++requests % every === 0 ? fault : undefined);
  };

/** Refuses by its own words what the chain refuses, and what it has seen already. */
const inWordsOf =
  (known: string, words: readonly (readonly [RegExp, string])[]): Habit =>
  (proxy) => {
    const seen = new Set<string>();
    return async (call) => {
      if (!isSending(call)) return undefined;
      const raw = call.params[0] as string;
      if (seen.has(raw)) return refusal(known);
      const { result, error } = await proxy.pass(call);
      if (error === undefined) {
        seen.add(raw);
        return { kind: 'result', result };
      }
      const said = words.find(([pattern]) => pattern.test(error.message))?.[1] ?? error.message;
      return refusal(said, error.code);
    };
  };

const withoutMethods =
  (...methods: string[]): Habit =>
  () =>
  ({ method }) =>
    methods.includes(method) ? refusal(`the method ${method} does not exist/is not available`, -32_601) : undefined;

const withoutEip1559: Habit =
  (proxy) =>
  async ({ method, params }) => {
    if (method === 'eth_feeHistory' || method === 'eth_maxPriorityFeePerGas')
      return refusal('Method not found', -32_601);
    if (method !== 'eth_getBlockByNumber') return undefined;
    const block = (await proxy.ask(method, params)) as Record<string, unknown> | null;
    if (block !== null) delete block.baseFeePerGas;
    return { kind: 'result', result: block };
  };

const minimumTip = 25_000_000_000n;
const wantsTip: Habit = () => (call) => {
  if (!isSending(call)) return undefined;
  const { maxPriorityFeePerGas, gasPrice } = Transaction.from(call.params[0] as string);
  const tip = maxPriorityFeePerGas ?? gasPrice ?? 0n;
  return tip < minimumTip
    ? refusal(`transaction underpriced: gas tip cap ${tip}, minimum needed ${minimumTip}`)
    : undefined;
};

const underpricedOnce: Habit = () => {
  const seen = new Set<unknown>();
  return (call) => {
    if (!isSending(call) || seen.has(call.params[0])) return undefined;
    seen.add(call.params[0]);
    return refusal('transaction underpriced');
  };
};

const tenBlocksOfLogs: Habit =
  () =>
  ({ method, params }) => {
    const { fromBlock, toBlock } = (method === 'eth_getLogs' ? params[0] : {}) as {
      fromBlock?: string;
      toBlock?: string;
    };
    if (Number(toBlock) - Number(fromBlock) < 10 || fromBlock === undefined) return undefined;
    return refusal('Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.', -32_600);
  };

const callsPerSecond = 60;
const rateLimited: Habit = () => {
  let second = 0;
  let calls = 0;
  return () => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, calls] = [now, 0];
    return ++calls > callsPerSecond
      ? refusal('daily request count exceeded, request rate limited', -32_005)
      : undefined;
  };
};

const losesReceipts: Habit = () => {
  let calls = 0;
  return ({ method }) =>
    method === 'eth_getTransactionReceipt' && ++calls % 2 === 0 ? { kind: 'result', result: null } : undefined;
};

const nethermind = inWordsOf('AlreadyKnown', [
  [/replacement/i, 'ReplacementNotAllowed'],
  [/underpriced|fee/i, 'FeeTooLow, MaxFeePerGas too low'],
  [/nonce too low/i, 'OldNonce, Current nonce: 7, nonce of rejected tx: 6'],
  [/insufficient funds/i, 'InsufficientFunds, Account balance: 0, cumulative cost: 1'],
]);
const sei = inWordsOf('tx already exists in cache', [
  [/nonce too low/i, 'account sequence mismatch, expected 7, got 6: incorrect account sequence'],
]);

export const habits: Record<string, Habit> = {
  lagging,
  'loses receipts': losesReceipts,
  'ten blocks of logs': tenBlocksOfLogs,
  'HTTP 429': eachOf(4, { kind: 'http', status: 429, body: 'Too Many Requests', headers: { 'retry-after': '1' } }),
  'HTTP 502': eachOf(5, { kind: 'http', status: 502, body: '<html>502 Bad Gateway</html>' }),
  'closed sockets': eachOf(7, { kind: 'close' }),
  'closed sockets, afterwards': eachOf(6, { kind: 'close', late: true }),
  'a limit by the second': rateLimited,
  'words of Nethermind': nethermind,
  'words of Sei': sei,
  'no tip': withoutMethods('eth_maxPriorityFeePerGas'),
  'no history of fees': withoutMethods('eth_feeHistory'),
  'no EIP-1559': withoutEip1559,
  'a minimum tip': wantsTip,
  'underpriced once': underpricedOnce,
};
