/** The bytes of a table's file, as UTF-8 whatever it is written in. */
import { createReadStream } from 'node:fs';
import { TributaryError } from '../../../core/errors.ts';

const chunkBytes = 2 ** 20;

/** First bytes of files that are no text, with what a person does about it. */
const otherFiles: readonly [readonly number[], string][] = [
  [[0x50, 0x4b, 3, 4], 'an Excel workbook or another zip: save the sheet as CSV'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook: save the sheet as CSV'],
  [[0x1f, 0x8b], 'compressed: unpack it with gunzip'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file: write it as CSV'],
];

const marks: readonly [readonly number[], string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/**
 * Chunks of about 1 MiB, without the byte-order mark. A chunk may end within a row, never within a character's wrong bytes: those are refused.
 * Errors: DATA_INVALID where there is no such file, where it is no text, or is not written in this encoding.
 */
export async function* readText(path: string, encoding: string | undefined): AsyncGenerator<Uint8Array> {
  let decoder: TextDecoder | undefined;
  let isUtf8 = true;
  let lines = 0;
  const encoder = new TextEncoder();
  for await (const chunk of readBytes(path)) {
    let bytes = chunk;
    if (decoder === undefined) {
      refuseOtherFiles(path, bytes);
      const marked = marks.find(([mark]) => startsWith(bytes, mark));
      const name = marked?.[1] ?? encoding ?? guessUtf16(bytes) ?? 'utf-8';
      decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
      isUtf8 = decoder.encoding === 'utf-8';
      bytes = bytes.subarray(marked?.[0].length ?? 0);
    }
    const text = decode(decoder, bytes, () => wrongBytes(path, lines + badLine(bytes, decoder!.encoding), decoder!));
    if (isUtf8) lines += countLines(bytes);
    if (text.includes('\0')) throw invalid(`${path} is no text: it holds bytes that are 0. Write the table as CSV.`);
    yield isUtf8 ? bytes : encoder.encode(text);
  }
  if (decoder !== undefined) decode(decoder, undefined, () => wrongBytes(path, lines + 1, decoder!));
}

async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'There is no file' : 'There is no readable file';
    throw invalid(`${reason} ${path}${code === 'ENOENT' ? '' : ` (${code})`}: check the path.`, cause);
  }
}

function decode(decoder: TextDecoder, bytes: Uint8Array | undefined, failure: () => TributaryError): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw failure();
  }
}

function wrongBytes(path: string, line: number, { encoding }: TextDecoder): TributaryError {
  const row = encoding === 'utf-8' ? `row ${line} holds` : 'it holds';
  return invalid(
    `${path}: ${row} bytes that are not ${encoding}: say in the source how the file is written, for example encoding=windows-1252 as Excel does, or save it as UTF-8.`,
  );
}

/** From 1; 1 where only the place before the chunk can be wrong. */
function badLine(bytes: Uint8Array, encoding: string): number {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for (let line = 1, from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end + 1;
    try {
      decoder.decode(bytes.subarray(from, to));
    } catch {
      return line;
    }
    from = to;
  }
  return 1;
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** UTF-16 without a mark has every other byte 0 where the text is mostly Latin. */
function guessUtf16(bytes: Uint8Array): string | undefined {
  const zeros = [0, 0];
  const looked = Math.min(bytes.length, 1000);
  for (let at = 0; at < looked; at++) if (bytes[at] === 0) zeros[at % 2]!++;
  if (zeros[1]! > looked / 4 && zeros[0] === 0) return 'utf-16le';
  return zeros[0]! > looked / 4 && zeros[1] === 0 ? 'utf-16be' : undefined;
}

function refuseOtherFiles(path: string, bytes: Uint8Array): void {
  const found = otherFiles.find(([magic]) => startsWith(bytes, magic));
  if (found !== undefined) throw invalid(`${path} is no table of text but ${found[1]}.`);
}

function startsWith(bytes: Uint8Array, first: readonly number[]): boolean {
  return first.every((byte, at) => bytes[at] === byte);
}

function invalid(message: string, cause?: unknown): TributaryError {
  return new TributaryError('DATA_INVALID', message, { cause });
}
