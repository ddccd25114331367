/**
 * What nodes and gateways say when they do not do what they are asked, as one of a few kinds. No standard says it: EIP-1474 gives codes that each
 * uses in its own way, so it is told by the words. docs/providers.md shows whose words these are, and where they stand.
 */

/** Why a node did not do it. */
export type Refusal =
  /** Asked too often: later it will. */
  | 'limited'
  /** Its machine is in trouble: later, or another, will. */
  | 'passing'
  /** Logs of too many blocks, or too many logs. */
  | 'tooWide'
  /** A mined transaction has this nonce. */
  | 'nonceUsed'
  /** A transaction of a lower nonce is missing. */
  | 'nonceAhead'
  /** It has this very transaction. */
  | 'alreadyKnown'
  /** It has another one of this nonce, that pays nearly as much or more. */
  | 'notReplaced'
  /** It pays less than the node or the block takes. */
  | 'underpriced'
  /** The account cannot pay. */
  | 'noFunds'
  /** More gas than a transaction or a block of this chain may take. */
  | 'tooMuchGas'
  /** It offers no such method. */
  | 'unsupported'
  /** The contract refuses it. */
  | 'reverted'
  | 'unknown';

/** An error as JSON-RPC has it, with the HTTP status where that was none of success. */
export interface RpcFailure {
  code?: number | undefined;
  message?: string | undefined;
  data?: unknown;
  status?: number | undefined;
}

const limited =
  /rate.?limit|too many requests|requests? (per|limit|count)|request rate|\bper second|\/ ?sec(ond)?\b|throttl|throughput|quota|credits|compute units|daily (relay|request|limit)|monthly|exceeded (its|the|your) .*(limit|capacity|plan)|usage limit|max(imum)? (requests|rps|rate)|try again in \d|error code: 1015|slow down|too many (calls|connections|concurrent)|concurren(t|cy) (requests|limit)/i;
const passing =
  /time(d )?.?out|temporar|try again|overload|busy|unavailable|bad gateway|no (backend|available|healthy|response)|(header|block|state|world state|tipset|cursor) (is )?(not (found|available|ready)|missing)|unknown block|missing trie node|pruned|not (yet )?(synced|ready|started)|syncing|econn|socket|network|out ?of ?range|beyond current head|internal (server )?error|upstream|cannot fulfill|deadline exceeded|context cancell?ed|pool.*(is )?full|queue full|mempool is full|too many (transactions|pending)|in-flight transaction limit|account limit exceeded|not on the whitelist|connection/i;
const tooWide =
  /(block|blocks|query|log|logs|max|maximum|range|results?|response|filter|lookback).*(range|limit|limited|exceed|too (large|big|wide|many|long)|more than|greater than|bigger than|up to|narrow|not supported)|range.*(exceed|limit|large|wide|big|great|not supported)|exceed.*(range|results|logs|size)|more than \d+ (results|logs|blocks)|too (many|much) (logs|results|blocks|data)|\d+.?(k|K)? blocks? (range|per|max)|response.*too (big|large)|narrow/i;

/** What a machine says that does not know the newest blocks yet. */
const beyondHead = /(beyond|after|past|ahead of|greater than) (the )?(current |latest |chain )?(head|tip|latest)/i;

/** Of transactions, in this order: the first that fits tells. */
const ofTransactions: readonly (readonly [Refusal, RegExp])[] = [
  [
    'alreadyKnown',
    /already (known|imported|exists?|in (the )?(mem)?pool|finalized)|known transaction|AlreadyKnown|tx already|same hash was already imported|AlreadyImported|already in the system/i,
  ],
  [
    'notReplaced',
    /replac|same nonce|OwnNonceAlreadyUsed|ReplacementNotAllowed|priority is too low|future transaction tries|DelegatorHasPendingTx/i,
  ],
  [
    'nonceUsed',
    /nonce.{0,20}(too low|already (been )?used|expired|is stale)|OldNonce|nonce has already|lower than the current nonce|sequence mismatch|Pool\(Stale\)|is (stale|outdated)|invalid (transaction )?nonce|incorrect nonce|ERR_INCORRECT_NONCE|nonce \d+ is (smaller|lower)/i,
  ],
  [
    'nonceAhead',
    /nonce.{0,20}(too high|gap|too (distant|far)|in (the )?future)|NonceGap|gapped.nonce|nonces? not sequential/i,
  ],
  [
    'noFunds',
    /insufficient.?(funds|balance)|InsufficientFunds|upfront cost exceeds|(not|doesn't have) enough (funds|balance)|overdraft|exceeds (the )?balance|not enough (funds|balance)/i,
  ],
  [
    'tooMuchGas',
    /exceeds? (the )?block('s)? gas.?limit|gas.?limit.{0,40}(exceed|too (high|big|large)|beyond|above)|GasLimitExceeded|exceeds.{0,30}(gas limit|gas cap|max(imum)? gas)|gas (required|wanted).{0,20}exceeds|transaction gas limit|exceeds maximum (per-)?transaction|cap:? ?\d+.*tx:? ?\d+|oversized data|max initcode size/i,
  ],
  [
    'underpriced',
    /underpriced|fee.{0,4}too.{0,4}low|(gas.?price|fee|tip|maxfeepergas|effectivepriority\w*).{0,60}(too low|below|less than|lower than|minimum|not enough)|insufficient fee|FeeTooLow|min(imum)? (gas price|fee|tip)|base ?fee|less than (the )?(block|minimum|base)|unacceptable gas price/i,
  ],
];

/** A chain has run the call, and it fails. */
const ran =
  /revert|opcode|out of gas|gas required exceeds|exceeds.*gas|insufficient|VM Exception|stack (over|under)flow|invalid jump|nonce/i;
const limitCodes = [429, -32_005, -32_007, -32_011, -32_012, -32_016, -32_029, -32_097];
const unsupportedWords =
  /method.{0,60}(not (found|supported|available|exist|allowed|enabled|whitelisted)|does not exist|unsupported|disabled)|unsupported method|not implemented/i;

/** What the answer to a request of the method means. */
export function classify(method: string, failure: RpcFailure): Refusal {
  const { code, data, status } = failure;
  const words = wordsOf(failure);
  if (status === 429) return 'limited';
  if (method === 'eth_sendRawTransaction') {
    const known = ofTransactions.find(([, said]) => said.test(words));
    if (known !== undefined && !limited.test(words)) return known[0];
  }
  const isCall = method === 'eth_call' || method === 'eth_estimateGas';
  if (isCall && (code === 3 || hasBytes(data))) return 'reverted';
  if (limited.test(words))
    return method === 'eth_getLogs' && /results|block range|range of blocks/i.test(words) ? 'tooWide' : 'limited';
  if (method === 'eth_getLogs' && tooWide.test(words) && !beyondHead.test(words)) return 'tooWide';
  if (isCall && ran.test(words)) return 'reverted';
  if (code === -32_601 || unsupportedWords.test(words)) return 'unsupported';
  if ((status !== undefined && (status >= 500 || status === 408)) || passing.test(words)) return 'passing';
  const isLimit = (code !== undefined && limitCodes.includes(code)) || /limit exceeded/i.test(words);
  if (isLimit) return method === 'eth_getLogs' ? 'tooWide' : 'limited';
  return 'unknown';
}

/** Message and whatever text lies in `data`: some put the reason only there. */
export function wordsOf({ message = '', data }: RpcFailure): string {
  const texts = textsIn(data).filter((text) => !/^0x[0-9a-f]*$/i.test(text) && !message.includes(text));
  return [message, ...texts].filter((text) => text !== '').join(': ');
}

function textsIn(data: unknown, depth = 0): string[] {
  if (typeof data === 'string') return [data.slice(0, 500)];
  if (typeof data !== 'object' || data === null || depth > 3) return [];
  return Object.values(data).flatMap((value) => textsIn(value, depth + 1));
}

/** Nodes put the revert's data in different places. */
function hasBytes(data: unknown, depth = 0): boolean {
  if (typeof data === 'string') return /0x[0-9a-fA-F]{8,}/.test(data);
  if (typeof data !== 'object' || data === null || depth > 5) return false;
  return Object.values(data).some((value) => hasBytes(value, depth + 1));
}
