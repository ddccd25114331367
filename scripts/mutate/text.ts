/** A source file in bytes, as the compiler counts. */
import type { Node } from './compiler.ts';

export interface Range {
  start: number;
  end: number;
}

export function rangeOf(node: Node): Range {
  const [start, length] = node.src.split(':').map(Number) as [number, number];
  return { start, end: start + length };
}

export class Text {
  readonly #bytes: Buffer;

  constructor(content: string) {
    this.#bytes = Buffer.from(content);
  }

  of({ start, end }: Range): string {
    return this.#bytes.toString('utf8', start, end);
  }

  /** What stands in a range once a part of it says something else. */
  replaced(range: Range, part: Range, text: string): string {
    return this.of({ start: range.start, end: part.start }) + text + this.of({ start: part.end, end: range.end });
  }

  get whole(): Range {
    return { start: 0, end: this.#bytes.length };
  }

  /** The range with the semicolon behind it, if that comes next. */
  withSemicolon({ start, end }: Range): Range | undefined {
    return this.#bytes[end] === 0x3b ? { start, end: end + 1 } : undefined;
  }

  lineAt(position: number): number {
    return this.#bytes.toString('utf8', 0, position).split('\n').length;
  }
}
