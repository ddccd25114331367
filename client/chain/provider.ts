/**
 * The one way to the chain. An address may stand for many machines: each request may reach another one, which may be busy, or some
 * blocks behind. So whatever goes wrong on the way becomes a CHAIN_UNREACHABLE that may be tried again, never a refusal; and an answer about
 * the present counts only when its machine knows the newest block that any answer has shown: it is asked for both in one request, and
 * another machine is asked where it does not.
 */
import {
  type Block,
  type BlockParams,
  type Filter,
  getAddress,
  type JsonRpcError,
  type JsonRpcPayload,
  JsonRpcProvider,
  type JsonRpcResult,
  type Log,
  Network,
  toQuantity,
} from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { unreachable } from './failure.ts';
import { createPost, type PostJson } from './post.ts';
import { describeWire, isPassing } from './wire.ts';

/** One call of JSON-RPC. */
export type RpcCall = readonly [method: string, params: readonly unknown[]];
/** Whose logs, and which. */
export type LogFilter = Pick<Filter, 'address' | 'topics'>;
/** As ethers has it, without what nobody reads. */
export type ChainLog = Pick<
  Log,
  'address' | 'topics' | 'data' | 'blockNumber' | 'blockHash' | 'index' | 'transactionHash'
>;
/** As nodes answer it: numbers are hexadecimal, and null while a log is in no block. */
interface RawLog {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string | null;
  blockHash: string | null;
  logIndex: string | null;
  transactionHash: string;
}
/** The logs of a range of blocks, with the block where it ends. */
export interface LogRange {
  last: Block;
  logs: ChainLog[];
}
type Answers = readonly (JsonRpcResult | JsonRpcError)[];

/** Seconds until a request to the chain is given up. */
export const requestTimeoutSeconds = 20;
/** So many answers in a row of machines that do not know a block: then no machine does, the chain has become shorter. */
const mostLagging = 30;
/** So many machines are asked one after the other, with pauses up to this. */
const mostMachines = 8;
const longestPauseMs = 400;
/** What is asked as of the newest block. */
const aboutThePresent = new Set([
  'eth_call',
  'eth_estimateGas',
  'eth_getBalance',
  'eth_getCode',
  'eth_getTransactionCount',
]);

/** A node of the chain, asked over HTTP. It tries nothing again, keeps no answer, and asks several things at once where the node takes that. */
export class ChainProvider extends JsonRpcProvider {
  readonly #post: PostJson;
  #nextId = 1;
  #takesBatches = true;
  /** The highest block that any answer has shown. */
  #newest = 0;
  #lagging = 0;
  /** Addresses of contracts, as people write them. */
  readonly #checksummed = new Map<string, string>();

  constructor(rpcUrl: string, chainId: bigint | number) {
    // answers are never cached: what is asked is the state now
    super(rpcUrl, Network.from(chainId), { staticNetwork: true, cacheTimeout: -1 });
    this.#post = createPost(rpcUrl, requestTimeoutSeconds);
  }

  /** Errors: CHAIN_UNREACHABLE (retryable); what the chain itself refuses is an error of ethers. */
  override async send(method: string, params: unknown[]): Promise<unknown> {
    const call: RpcCall = [method, params];
    // who commands a development chain may make it shorter
    if (/^(evm|anvil|hardhat)_/.test(method)) this.#newest = 0;
    return await askMachines(async () => {
      if (!aboutThePresent.has(method)) return (await this.sendTogether([call]))[0];
      return (await this.sendTogether([['eth_blockNumber', []], call]))[1];
    });
  }

  /** The answers of one machine, unless a balancer takes even a batch apart. Errors: as `send`. */
  async sendTogether(calls: readonly RpcCall[]): Promise<unknown[]> {
    const payloads = calls.map(([method, params]) => this.#payloadOf(method, params));
    const answers = (calls.length > 1 && (await this.#askAtOnce(payloads))) || (await this.#askEach(payloads));
    return payloads.map((payload, index) => this.#resultOf(payload, answers[index]!));
  }

  /**
   * Logs of some blocks, and the last of these blocks, of one answer: a machine that does not know that block says nothing of the logs.
   * Errors: as `send`.
   */
  async readRange(filter: LogFilter, fromBlock: number, toBlock: number): Promise<LogRange> {
    const [first, to] = [toQuantity(fromBlock), toQuantity(toBlock)];
    const [block, logs] = await askMachines(async () => {
      const answers = await this.sendTogether([
        ['eth_getBlockByNumber', [to, false]],
        ['eth_getLogs', [{ ...filter, fromBlock: first, toBlock: to }]],
      ]);
      if (answers[0] === null) throw lagsBehind('eth_getLogs', toBlock);
      return answers;
    });
    if (!Array.isArray(logs)) throw unreachable('eth_getLogs', 'an answer that is no list');
    const last = this._wrapBlock(block as BlockParams, this._network);
    return { last, logs: logs.map((log) => this.#logOf(log as RawLog)) };
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const { method } = Array.isArray(payload) ? payload.at(-1)! : payload;
    if (this.destroyed) throw new TributaryError('ABORTED', `${method}: the connection to the chain was closed.`);
    const answer = (await this.#post(method, payload)) as JsonRpcResult | JsonRpcResult[];
    return Array.isArray(answer) ? answer : [answer];
  }

  override getRpcError(payload: JsonRpcPayload, response: JsonRpcError): Error {
    if (!isPassing(payload.method, response.error)) return super.getRpcError(payload, response);
    return unreachable(payload.method, describeWire(response.error), { cause: response.error });
  }

  /** ethers' own costs a hash for each log, of its address. */
  #logOf({ address, topics, data, blockNumber, blockHash, logIndex, transactionHash }: RawLog): ChainLog {
    const known = this.#checksummed.get(address) ?? getAddress(address);
    this.#checksummed.set(address, known);
    const [number, index] = [Number(blockNumber), Number(logIndex)];
    if (!Number.isInteger(number) || !Number.isInteger(index) || !blockHash) {
      throw unreachable('eth_getLogs', 'a log that is in no block');
    }
    return { address: known, topics, data, blockNumber: number, blockHash, index, transactionHash };
  }

  #payloadOf(method: string, params: readonly unknown[]): JsonRpcPayload {
    return { jsonrpc: '2.0', id: this.#nextId++, method, params: [...params] };
  }

  /** Undefined where batches are not taken. */
  async #askAtOnce(payloads: JsonRpcPayload[]): Promise<Answers | undefined> {
    if (!this.#takesBatches) return undefined;
    try {
      const answers: Answers = await this._send(payloads);
      const ordered = payloads.map(({ id }) => answers.find((answer) => answer?.id === id));
      if (ordered.every((answer) => answer !== undefined)) return ordered;
      const refusal = answers.find((answer) => answer !== null && 'error' in answer) as JsonRpcError | undefined;
      if (refusal !== undefined && isPassing('', refusal.error)) throw this.getRpcError(payloads.at(-1)!, refusal);
    } catch (error) {
      const status = error instanceof TributaryError ? Number(error.args.status) : 0;
      if (![400, 403, 404, 405, 413, 415, 422, 501].includes(status)) throw error;
    }
    const answers = await this.#askEach(payloads);
    this.#takesBatches = false;
    return answers;
  }

  async #askEach(payloads: readonly JsonRpcPayload[]): Promise<Answers> {
    const answers: (JsonRpcResult | JsonRpcError)[] = [];
    for (const payload of payloads) {
      const [answer]: Answers = await this._send(payload);
      if (typeof answer !== 'object' || answer === null) throw unreachable(payload.method, 'no JSON-RPC answer');
      answers.push(answer);
    }
    return answers;
  }

  #resultOf(payload: JsonRpcPayload, answer: JsonRpcResult | JsonRpcError): unknown {
    if ('error' in answer && answer.error != null) throw this.getRpcError(payload, answer);
    const { result } = answer as JsonRpcResult;
    if (result === undefined) throw unreachable(payload.method, 'an answer without a result');
    this.#observe(payload, result);
    return result;
  }

  /** What the answer shows of the chain's height. Errors: CHAIN_UNREACHABLE (retryable) of a machine that lags behind. */
  #observe({ method, params }: JsonRpcPayload, result: unknown): void {
    const [tag] = params as unknown[];
    const isLatest = method === 'eth_blockNumber' || (method === 'eth_getBlockByNumber' && tag === 'latest');
    const height = heightIn(method, result);
    const newest = this.#newest;
    if (isLatest && (height === undefined || height < newest)) {
      // no machine knows it: the chain is a shorter one
      if (++this.#lagging >= mostLagging) this.#newest = height ?? 0;
      throw lagsBehind(method, newest);
    }
    const isMissing = method === 'eth_getBlockByNumber' && result === null && Number(tag) <= newest;
    if (isMissing) throw lagsBehind(method, Number(tag));
    if (isLatest) this.#lagging = 0;
    if (height !== undefined && tag !== 'pending') this.#newest = Math.max(newest, height);
  }
}

/** A machine that does not know the block: what else it says is of an older chain. */
export function lagsBehind(method: string, block: number): TributaryError {
  return unreachable(method, `the machine that answered does not know block ${block} yet`, { args: { lagging: true } });
}

/** Until one does not lag behind. */
async function askMachines<T>(ask: () => Promise<T>): Promise<T> {
  for (let machine = 1, pauseMs = 25; ; machine++, pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await ask();
    } catch (error) {
      const isBehind = error instanceof TributaryError && error.args.lagging === true;
      if (!isBehind || machine === mostMachines) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function heightIn(method: string, result: unknown): number | undefined {
  const read = (value: unknown) => (typeof value === 'string' ? Number(value) : undefined);
  if (method === 'eth_blockNumber') return read(result);
  if (typeof result !== 'object' || result === null) return undefined;
  if (method === 'eth_getBlockByNumber') return read((result as { number?: unknown }).number);
  if (method === 'eth_getTransactionReceipt') return read((result as { blockNumber?: unknown }).blockNumber);
  return undefined;
}
