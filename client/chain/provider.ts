/**
 * The one way to the chain. An address may stand for many machines, and several addresses may be given: each request may reach another machine,
 * which may be busy, or some blocks behind. So what goes wrong on the way is tried again, a few times here, and then by who has asked;
 * and an answer about the present counts only when its machine knows the newest block that any answer has shown: it is asked for both in one
 * request, and another machine is asked where it does not.
 */
import {
  type BlockParams,
  getAddress,
  type JsonRpcError,
  type JsonRpcPayload,
  JsonRpcProvider,
  type JsonRpcResult,
  Network,
  toQuantity,
} from 'ethers';
import { TributaryError } from '../core/errors.ts';
import { askAgain, lagsBehind } from './attempts.ts';
import { type OnComparison, readFromAll } from './compare.ts';
import { firstLine, refusedByNode, unreachable } from './failure.ts';
import type { ChainLog, LogFilter, LogRange } from './log.ts';
import { createPageSize, type PageSize } from './pageSize.ts';
import { classify, wordsOf } from './refusals.ts';
import { createRpcNode, type RpcNode, type RpcReply } from './rpcNode.ts';

/** One call of JSON-RPC. */
export type RpcCall = readonly [method: string, params: readonly unknown[]];
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
/** So many answers in a row of machines that do not know a block: then no machine does, the chain has become shorter. */
const mostLagging = 30;
/** What is asked as of the newest block. */
const aboutThePresent = new Set([
  'eth_call',
  'eth_estimateGas',
  'eth_getBalance',
  'eth_getCode',
  'eth_getTransactionCount',
]);

/** Nodes of one chain, asked over HTTP. It keeps no answer. Several nodes stand in for one another, and logs are read from all of them. */
export class ChainProvider extends JsonRpcProvider {
  readonly #nodes: readonly RpcNode[];
  /** The one that is asked: where it fails, the next. */
  #current = 0;
  #nextId = 1;
  /** The highest block that any answer has shown. */
  #newest = 0;
  #lagging = 0;
  /** How many blocks' logs a node gives at once, as far as is known: see `readPages`. */
  readonly pages: PageSize = createPageSize();
  onComparison: OnComparison = () => undefined;
  /** Addresses of contracts, as people write them. */
  readonly #checksummed = new Map<string, string>();

  constructor(rpcUrl: string | readonly string[], chainId: bigint | number) {
    const urls = [rpcUrl].flat();
    // answers are never cached: what is asked is the state now
    super(urls[0], Network.from(chainId), { staticNetwork: true, cacheTimeout: -1 });
    this.#nodes = urls.map(createRpcNode);
  }

  /** Errors: CHAIN_UNREACHABLE and CHAIN_REFUSED (retryable), and the others of `refusedByNode`; what a contract refuses is an error of ethers. */
  override async send(method: string, params: unknown[]): Promise<unknown> {
    const call: RpcCall = [method, params];
    // who commands a development chain may make it shorter
    if (/^(evm|anvil|hardhat)_/.test(method)) this.#newest = 0;
    const height: RpcCall = ['eth_blockNumber', []];
    return (await this.sendTogether(aboutThePresent.has(method) ? [height, call] : [call])).at(-1);
  }

  /** The answers of one machine, unless a balancer takes even a batch apart. Errors: as `send`. */
  async sendTogether(calls: readonly RpcCall[]): Promise<unknown[]> {
    return await this.#insist(() => this.#ask(this.#node, calls));
  }

  /**
   * Logs of some blocks, and the last of these blocks, of one answer: a machine that does not know that block says nothing of the logs.
   * Of several nodes all are asked. Errors: as `send`.
   */
  async readRange(filter: LogFilter, fromBlock: number, toBlock: number): Promise<LogRange> {
    const read = (node: RpcNode) => this.#readRange(node, filter, fromBlock, toBlock);
    if (this.#nodes.length === 1) return await this.#insist(() => read(this.#node));
    const urls = this.#nodes.map(({ url }) => url);
    const { range, disagreements } = await this.#insist(() => readFromAll(urls, (index) => read(this.#nodes[index]!)));
    this.onComparison(disagreements);
    return range;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    return (await this.#reply(this.#node, [payload].flat())) as JsonRpcResult[];
  }

  override getRpcError(payload: JsonRpcPayload, { error }: JsonRpcError): Error {
    const refusal = classify(payload.method, error);
    if (refusal === 'reverted') return super.getRpcError(payload, { id: payload.id, error });
    return refusedByNode(payload.method, refusal, firstLine(wordsOf(error)), { cause: error });
  }

  get #node(): RpcNode {
    return this.#nodes[this.#current]!;
  }

  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    return await askAgain(ask, this.#nodes.length, () => {
      this.#current = (this.#current + 1) % this.#nodes.length;
    });
  }

  async #ask(node: RpcNode, calls: readonly RpcCall[]): Promise<unknown[]> {
    const payloads = calls.map(([method, params]) => this.#payloadOf(method, params));
    const replies = await this.#reply(node, payloads);
    return payloads.map((payload, index) => this.#resultOf(payload, replies[index]!));
  }

  async #reply(node: RpcNode, payloads: JsonRpcPayload[]): Promise<RpcReply[]> {
    const { method } = payloads.at(-1)!;
    if (this.destroyed) throw new TributaryError('ABORTED', `${method}: the connection to the chain was closed.`);
    return await node.ask(payloads);
  }

  async #readRange(node: RpcNode, filter: LogFilter, fromBlock: number, toBlock: number): Promise<LogRange> {
    const [first, to] = [toQuantity(fromBlock), toQuantity(toBlock)];
    const [block, logs] = await this.#ask(node, [
      ['eth_getBlockByNumber', [to, false]],
      ['eth_getLogs', [{ ...filter, fromBlock: first, toBlock: to }]],
    ]);
    if (block === null) throw lagsBehind('eth_getLogs', toBlock);
    if (!Array.isArray(logs)) throw unreachable('eth_getLogs', 'an answer that is no list');
    const last = this._wrapBlock(block as BlockParams, this._network);
    return { last, logs: logs.map((log) => this.#logOf(log as RawLog)) };
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

  #resultOf(payload: JsonRpcPayload, answer: RpcReply): unknown {
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

function heightIn(method: string, result: unknown): number | undefined {
  const read = (value: unknown) => (typeof value === 'string' ? Number(value) : undefined);
  if (method === 'eth_blockNumber') return read(result);
  if (typeof result !== 'object' || result === null) return undefined;
  if (method === 'eth_getBlockByNumber') return read((result as { number?: unknown }).number);
  if (method === 'eth_getTransactionReceipt') return read((result as { blockNumber?: unknown }).blockNumber);
  return undefined;
}
