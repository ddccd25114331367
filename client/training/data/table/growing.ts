/** An array of rows whose number is not known beforehand, in blocks: nothing is copied before the end. */

type Values = Float32Array | Int32Array;

const blockValues = 2 ** 20;

export class Growing<T extends Values> {
  /** Rows that are whole. */
  count = 0;
  /** The block in which the next row stands. */
  block: T;
  private readonly full: T[] = [];
  private readonly rows: number;
  private readonly create: new (
    length: number,
  ) => T;
  private readonly width: number;

  constructor(create: new (length: number) => T, width: number) {
    this.create = create;
    this.width = width;
    this.rows = Math.max(1, Math.floor(blockValues / width));
    this.block = new create(this.rows * width);
  }

  /** Where the next row begins in `block`. */
  reserve(): number {
    const before = this.full.length * this.rows;
    if (this.count - before < this.rows) return (this.count - before) * this.width;
    this.full.push(this.block);
    this.block = new this.create(this.rows * this.width);
    return 0;
  }

  /** All rows; the blocks are given up. */
  whole(): T {
    const all = new this.create(this.count * this.width);
    let at = 0;
    for (let block = this.full.shift() ?? this.block; at < all.length; block = this.full.shift() ?? this.block) {
      const part = block.subarray(0, all.length - at);
      all.set(part as never, at);
      at += part.length;
    }
    return all;
  }
}
