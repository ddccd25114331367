/** What may be said of an address: providers put keys into a URL's user name, password, path and query. */

/** A URL in a text, up to the next one of a list. */
const urls = /\b(?:https?|wss?):\/\/(?:(?!,(?:https?|wss?):\/\/)[^\s"<>`])+/gi;
/** What ends a sentence or a quotation ends no URL. */
const endOfText = /[.,:;!?)\]}'…]+$/;
/** Segments of paths that are no keys: all others may be one. */
const plainSegment =
  /^(?:|v?\d{1,5}|rpc|json-?rpc|evm|eth|ext|bc|c|ws|wss|http|https|api|mainnet|testnet|devnet|sepolia|holesky|ipfs|ipns|blocks?|(?:Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{58}))$/i;

/** The text, with `…` for whatever may be a credential in its URLs. What holds none stays as it is. */
export function redactUrls(text: string): string {
  return text.includes('://') ? text.replace(urls, redactWithoutEnd) : text;
}

/** Whether something in these URLs may be a credential. */
export function holdsCredentials(text: string): boolean {
  return redactUrls(text) !== text;
}

/** All texts in what JSON can hold. */
export function redactAll<T>(value: T): T {
  if (typeof value === 'string') return redactUrls(value) as T;
  if (Array.isArray(value)) return value.map(redactAll) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redactUrls(key), redactAll(item)])) as T;
}

function redactWithoutEnd(match: string): string {
  const end = endOfText.exec(match)?.[0] ?? '';
  return redactUrl(match.slice(0, match.length - end.length)) + end;
}

function redactUrl(text: string): string {
  const [scheme = '', rest = ''] = text.split(/:\/\/(.*)/s);
  const [, authority = '', path = '', query = '', fragment = ''] =
    /^([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? [];
  // a password may hold whatever a person has typed, with / and ? too
  const at = rest.lastIndexOf('@');
  if (at >= authority.length) return `${scheme}://…`;
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const segments = path.split('/').map((segment) => (plainSegment.test(segment) ? segment : '…'));
  const hidden = [query, fragment].map((part) => (part.length > 1 ? `${part[0]}…` : part)).join('');
  return `${scheme}://${authority.includes('@') ? '…@' : ''}${host}${segments.join('/')}${hidden}`;
}
