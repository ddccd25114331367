/** One after the other; urgent ones, in their order, before all others that wait. */
export interface Turns {
  take<T>(urgent: boolean, act: () => Promise<T>): Promise<T>;
  /** Called by who has the turn and is not urgent: lets the urgent ones that wait go first, and answers whether there were any. */
  letUrgentPass(): Promise<boolean>;
}

export function createTurns(): Turns {
  const waiting: Record<'urgent' | 'usual', (() => Promise<unknown>)[]> = { urgent: [], usual: [] };
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    for (let next = take(); next !== undefined; next = take()) await next();
    busy = false;
  }

  function take(): (() => Promise<unknown>) | undefined {
    return waiting.urgent.shift() ?? waiting.usual.shift();
  }

  return {
    take: (urgent, act) =>
      new Promise((resolve, reject) => {
        waiting[urgent ? 'urgent' : 'usual'].push(() => act().then(resolve, reject));
        void work();
      }),
    async letUrgentPass() {
      const passed = waiting.urgent.length > 0;
      for (let next = waiting.urgent.shift(); next !== undefined; next = waiting.urgent.shift()) await next();
      return passed;
    },
  };
}
