/** Bytes as lines of an array of strings in a generated module. */
export function base64Lines(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,110}/g) ?? [];
  return lines.map((line) => `    '${line}',`).join('\n');
}
