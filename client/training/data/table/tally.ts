/** How the numbers of a column lie. */

export class Tally {
  count = 0;
  lowest = Number.POSITIVE_INFINITY;
  highest = Number.NEGATIVE_INFINITY;
  missing = 0;
  /** Numbers outside of what is allowed. */
  outside = 0;
  /** From the first, so that squares do not cancel. */
  private first = 0;
  private sum = 0;
  private squares = 0;

  add(value: number): void {
    if (this.count === 0) this.first = value;
    const deviation = value - this.first;
    this.count++;
    this.sum += deviation;
    this.squares += deviation * deviation;
    if (value < this.lowest) this.lowest = value;
    if (value > this.highest) this.highest = value;
  }

  get mean(): number {
    return this.first + this.sum / this.count;
  }

  /** Of the numbers themselves: divided by their count. */
  get standardDeviation(): number {
    return Math.sqrt(Math.max(0, this.squares / this.count - (this.sum / this.count) ** 2));
  }
}
