/** Which blobs are pinned, for whom, and how many of the pins need each block. */

/** Size in bytes by the name of the block's file; a blob may have equal leaves. */
export type Content = Map<string, number>;

export interface Pin {
  owner: string;
  /** Undefined where its root is damaged or missing. */
  blocks: Content | undefined;
}

export interface Pins {
  get(name: string): Pin | undefined;
  add(name: string, pin: Pin): void;
  /** Answers the blocks that nobody needs any more. */
  remove(name: string): string[];
  needs(block: string): boolean;
  /** Of the blocks of all pins together. */
  usedBytes(): number;
  /** Of the blocks of all pins of this owner. */
  bytesOf(owner: string): number;
  /** The name of one whose blocks are not known. */
  unreadable(): string | undefined;
}

export function createPins(): Pins {
  const pins = new Map<string, Pin>();
  const uses = new Map<string, number>();
  let usedBytes = 0;

  return {
    get: (name) => pins.get(name),
    add(name, pin) {
      pins.set(name, pin);
      for (const [block, size] of pin.blocks ?? []) {
        const count = uses.get(block) ?? 0;
        if (count === 0) usedBytes += size;
        uses.set(block, count + 1);
      }
    },
    remove(name) {
      const pin = pins.get(name);
      pins.delete(name);
      const unused: string[] = [];
      for (const [block, size] of pin?.blocks ?? []) {
        const count = uses.get(block)! - 1;
        if (count > 0) {
          uses.set(block, count);
        } else {
          uses.delete(block);
          usedBytes -= size;
          unused.push(block);
        }
      }
      return unused;
    },
    needs: (block) => uses.has(block),
    usedBytes: () => usedBytes,
    bytesOf(owner) {
      let sum = 0;
      for (const pin of pins.values())
        if (pin.owner === owner) for (const size of pin.blocks?.values() ?? []) sum += size;
      return sum;
    },
    unreadable() {
      for (const [name, pin] of pins) if (pin.blocks === undefined) return name;
      return undefined;
    },
  };
}
