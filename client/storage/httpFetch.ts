/** HTTP by `fetch`: what a page has. */
import { capped, mediaType, type RequestHttp } from './http.ts';

export const request: RequestHttp = async (address, { headers = {}, body, signal }) => {
  const sent = body && { method: 'PUT', body: new Uint8Array(body) };
  const response = await fetch(address, { ...sent, headers, signal, redirect: 'error', cache: 'no-store' });
  return {
    status: response.status,
    type: mediaType(response.headers.get('content-type')),
    read: (maxBytes, into) => readCapped(response, maxBytes, into),
    chunks: (maxBytes) => capped(chunksOf(response), maxBytes),
  };
};

async function readCapped(response: Response, maxBytes: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
  const declared = Number(response.headers.get('content-length') ?? maxBytes);
  if (declared > maxBytes) {
    await response.body?.cancel();
    return undefined;
  }
  const body = into ?? new Uint8Array(declared);
  let length = 0;
  for await (const chunk of chunksOf(response)) {
    if (length + chunk.length > body.length) return undefined;
    body.set(chunk, length);
    length += chunk.length;
  }
  return body.subarray(0, length);
}

/** Closes the connection where it is not read to its end. */
async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (let chunk = await reader?.read(); chunk !== undefined && !chunk.done; chunk = await reader?.read()) {
      yield chunk.value;
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}
