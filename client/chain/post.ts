/** A JSON-RPC request as it goes over the wire: by the platform's `fetch`, which costs a fraction of what ethers' own takes. */
import { describeWire, firstLine, refusedByNode, unreachable } from './failure.ts';
import { classify } from './refusals.ts';

/** The answer, as JSON. One that is an error of JSON-RPC carries the HTTP status that it came with. */
export type PostJson = (method: string, body: unknown) => Promise<unknown>;

/** Nobody is there: trying again at once is of no use. */
const deadCodes = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ERR_INVALID_URL|UNABLE_TO_VERIFY|CERT_|SELF_SIGNED|DEPTH_ZERO/;

/** Names and passwords in the URL are sent as basic authorization. */
export function createPost(rpcUrl: string, timeoutSeconds: number): PostJson {
  const url = new URL(rpcUrl);
  const { username, password } = url;
  const authorization = `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
  const headers = { 'content-type': 'application/json', ...(username !== '' && { authorization }) };
  [url.username, url.password] = ['', ''];

  /** Errors: CHAIN_UNREACHABLE and CHAIN_REFUSED (retryable), with the status where there was an answer. */
  return async (method, body) => {
    const { response, text } = await ask(method, body);
    const answer = parse(text);
    if (isRpcAnswer(answer)) return response.ok ? answer : withStatus(answer, response.status);
    if (!response.ok) throw httpFailure(method, response, text);
    throw unreachable(method, `it sent ${/^\s*</.test(text) ? 'a page of HTML' : 'something else'} and no JSON`);
  };

  async function ask(method: string, body: unknown): Promise<{ response: Response; text: string }> {
    try {
      const signal = AbortSignal.timeout(timeoutSeconds * 1000);
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
      return { response, text: await response.text() };
    } catch (cause) {
      // `fetch failed` says nothing: what is behind it does
      const reason = cause instanceof TypeError && cause.cause !== undefined ? cause.cause : cause;
      const isDead = deadCodes.test(String((reason as { code?: unknown } | null)?.code ?? ''));
      throw unreachable(method, describeWire(reason), { cause, args: { isDead } });
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRpcAnswer(answer: unknown): answer is RpcAnswer | RpcAnswer[] {
  if (Array.isArray(answer)) return answer.every(isRpcAnswer);
  return (
    typeof answer === 'object' && answer !== null && ('result' in answer || isErrorOfRpc((answer as RpcAnswer).error))
  );
}

function isErrorOfRpc(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'message' in error;
}

interface RpcAnswer {
  error?: { message: string };
}

function withStatus(answer: RpcAnswer | RpcAnswer[], status: number): unknown {
  if (Array.isArray(answer)) return answer.map((each) => withStatus(each, status));
  return answer.error === undefined ? answer : { ...answer, error: { ...answer.error, status } };
}

function httpFailure(method: string, response: Response, text: string): Error {
  const { status } = response;
  const words = firstLine(text.replace(/<(script|style|head)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ').replace(/\s+/g, ' '));
  const refusal = classify('', { message: words, status });
  const retryAfterMs = 1000 * Number(response.headers.get('retry-after') ?? 0) || 0;
  const said = words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
  return refusedByNode(method, refusal, said, { args: { status, retryAfterMs } });
}
