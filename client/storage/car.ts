/**
 * A blob's blocks in one answer: CAR version 1 (https://ipld.io/specs/transport/car/carv1/), root first, as the trustless gateway
 * protocol has it with `order=dfs`. Read here by hand: a section is no longer than one of ours can be, and pages need no CBOR.
 */
import { CID } from 'multiformats/cid';
import { leafBytes, maxLeaves } from '../core/cid.ts';
import { type Block, maxRootBytes } from './dag.ts';

export const carType = 'application/vnd.ipld.car';

/** Of a section besides its block: a length, and a CID of 36 bytes. */
const besideBlockBytes = 64;
const maxSectionBytes = leafBytes + besideBlockBytes;
const maxLengthBytes = 4;

/** The longest file of a blob of so many bytes. */
export function longestCar(blobBytes: number): number {
  return blobBytes + maxRootBytes + (maxLeaves + 2) * besideBlockBytes;
}

/** The blocks of a file, unverified. Throws where it is none, and where a section is longer than any of ours. */
export async function* readCar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block, undefined> {
  let isHeader = true;
  for await (const section of sectionsOf(chunks)) {
    if (!isHeader) {
      const [cid, bytes] = CID.decodeFirst(section);
      yield { cid, bytes };
    }
    // it says the version, and the root, which is known
    isHeader = false;
  }
}

/** Each has its length before it. */
async function* sectionsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let have = 0;
  let needed = 1;
  for await (const chunk of chunks) {
    parts.push(chunk);
    have += chunk.length;
    while (have >= needed) {
      const all = join(parts, have);
      const { length, start } = lengthAt(all);
      const end = start + length;
      if (have < end) {
        parts = [all];
        needed = end;
        continue;
      }
      yield all.subarray(start, end);
      have -= end;
      parts = [all.subarray(end)];
      needed = 1;
    }
  }
  if (have > 0) throw new Error('the file breaks off');
}

/** An unsigned varint (LEB128); `start` is behind it. Where not all of it is there, one byte more is wanted. */
function lengthAt(bytes: Uint8Array): { length: number; start: number } {
  let length = 0;
  for (let index = 0; index < maxLengthBytes; index++) {
    const byte = bytes[index];
    if (byte === undefined) return { length: 1, start: index };
    length |= (byte & 0x7f) << (7 * index);
    if (byte >= 0x80) continue;
    if (length === 0 || length > maxSectionBytes) break;
    return { length, start: index + 1 };
  }
  throw new Error('a section that is empty, or longer than any of a blob');
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
