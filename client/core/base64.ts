/** Base64 (RFC 4648, section 4) of bytes, on every platform. */

const charactersAtOnce = 0x2000;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += charactersAtOnce) {
    binary += String.fromCharCode(...bytes.subarray(start, start + charactersAtOnce));
  }
  return btoa(binary);
}

/** Throws a DOMException for what is no base64. */
export function fromBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
