/** Text on chain: any bytes that somebody has sent. ethers throws where they are read, if they are no UTF-8. */
import { type Result, toUtf8Bytes } from 'ethers';

export interface ChainText {
  /** With U+FFFD for what is no text. */
  text: string;
  bytes: Uint8Array;
}

export function readText(args: Result, name: string): ChainText {
  try {
    const text = args[name] as string;
    return { text, bytes: toUtf8Bytes(text) };
  } catch (cause) {
    // its error keeps what could not be decoded
    const bytes = (cause as { error?: { value?: unknown } }).error?.value;
    if (!(bytes instanceof Uint8Array)) throw cause;
    return { text: new TextDecoder().decode(bytes), bytes };
  }
}

/**
 * One line, without control characters and what turns the direction of writing or cannot be seen: spaces in a row could put words
 * where the other lines begin.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]+/gu, ' ').trim();
}
