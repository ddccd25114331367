/** HTTP by `fetch`: what a page has. */
import type { RequestHttp } from './http.ts';

export const request: RequestHttp = async (address, { headers = {}, body, signal }) => {
  const sent = body && { method: 'PUT', body: new Uint8Array(body) };
  const response = await fetch(address, { ...sent, headers, signal, redirect: 'error', cache: 'no-store' });
  return { status: response.status, read: (maxBytes, into) => readCapped(response, maxBytes, into) };
};

async function readCapped(response: Response, maxBytes: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
  const declared = Number(response.headers.get('content-length') ?? maxBytes);
  if (declared > maxBytes) {
    await response.body?.cancel();
    return undefined;
  }
  const body = into ?? new Uint8Array(declared);
  let length = 0;
  const reader = response.body?.getReader();
  for (let chunk = await reader?.read(); chunk !== undefined && !chunk.done; chunk = await reader?.read()) {
    if (length + chunk.value.length > body.length) {
      await reader?.cancel();
      return undefined;
    }
    body.set(chunk.value, length);
    length += chunk.value.length;
  }
  return body.subarray(0, length);
}
