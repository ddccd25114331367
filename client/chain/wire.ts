/** Failures of providers, told apart from what the chain itself refuses. */

export interface RpcFailure {
  code?: number | undefined;
  message?: string | undefined;
  data?: unknown;
}

/** A limit on how often one may ask, in the words of many providers. */
const rateWords =
  /rate.?limit|too many requests|requests? (per|limit|count)|request rate|per second|throttl|quota|capacity|credits|compute units/i;
const passingWords =
  /time(d )?.?out|temporar|try again|overload|busy|unavailable|bad gateway|header not found|unknown block|block not found|missing trie node|limit exceeded|econnre|socket|out ?of ?range/i;
/** What a chain says of a call that it has run and that fails. */
const ranWords =
  /revert|opcode|out of gas|gas required exceeds|exceeds.*gas|insufficient|VM Exception|stack (over|under)flow|nonce/i;
const rateCodes = [-32005, 429, -32029, -32097];

/** True where the provider failed, and the same request may succeed later. */
export function isPassing(method: string, { code, message = '', data }: RpcFailure): boolean {
  if (rateWords.test(message)) return true;
  // a page of too many logs is refused by the same code
  if (method === 'eth_getLogs') return false;
  if (code !== undefined && rateCodes.includes(code)) return true;
  if (method !== 'eth_call' && method !== 'eth_estimateGas') return passingWords.test(message);
  const ran = code === 3 || hasBytes(data) || ranWords.test(message);
  return !ran;
}

/** Nodes put the revert's data in different places. */
function hasBytes(data: unknown, depth = 0): boolean {
  if (typeof data === 'string') return /0x[0-9a-fA-F]{8,}/.test(data);
  if (typeof data !== 'object' || data === null || depth > 5) return false;
  return Object.values(data).some((value) => hasBytes(value, depth + 1));
}

/** A part of a sentence: what went wrong on the way. */
export function describeWire(cause: unknown): string {
  const { code, message, response, shortMessage } = (cause ?? {}) as RpcFailure & {
    response?: { statusCode?: number };
    shortMessage?: string;
  };
  const text = String(shortMessage ?? message ?? cause)
    .split('\n')[0]!
    .slice(0, 200);
  const status = response?.statusCode;
  const limited = status === 429 || rateWords.test(text) || (typeof code === 'number' && rateCodes.includes(code));
  if (limited) return `rate limited: ${status === undefined ? text : `HTTP ${status}`}`;
  return status === undefined || status < 400 ? text : `HTTP ${status}`;
}
