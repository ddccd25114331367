/**
 * Tells whoever started the process, where they listen, that it rests: each of its loops has looked at the chain and found nothing to do.
 * Who has started the chain too may then move its clock on, see client/localnet/clock.ts.
 */

/** What is told: the newest block that was looked at, and how often each loop has looked since. */
export interface Resting {
  rests: { block: number; looks: number };
}

/** One loop of the process. */
export interface Looking {
  /** It has looked at `block`, and has nothing to do. */
  rests(block: number): void;
  wakes(): void;
  ends(): void;
}

/** What the loops of a process tell when they have nothing to do. */
export interface Rest {
  begin(): Looking;
}

/** `tell` is called each time a loop has looked and all of them rest at the same block. */
export function createRest(tell: (resting: Resting) => void): Rest {
  const loops = new Set<{ block: number; looks: number; resting: boolean }>();

  function tellWhenAllRest(): void {
    const all = [...loops];
    const block = Math.max(...all.map((loop) => loop.block));
    if (all.length === 0 || !all.every((loop) => loop.resting && loop.block === block)) return;
    tell({ rests: { block, looks: Math.min(...all.map(({ looks }) => looks)) } });
  }

  return {
    begin() {
      const loop = { block: -1, looks: 0, resting: false };
      loops.add(loop);
      return {
        rests(block) {
          loop.looks = loop.block === block ? loop.looks + 1 : 1;
          loop.block = block;
          loop.resting = true;
          tellWhenAllRest();
        },
        wakes() {
          loop.resting = false;
        },
        ends() {
          loops.delete(loop);
          tellWhenAllRest();
        },
      };
    },
  };
}
