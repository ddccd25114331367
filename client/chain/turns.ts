/** One after the other; urgent ones, in their order, before all others that wait. */
export function createTurns(): <T>(urgent: boolean, act: () => Promise<T>) => Promise<T> {
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

  return (urgent, act) =>
    new Promise((resolve, reject) => {
      waiting[urgent ? 'urgent' : 'usual'].push(() => act().then(resolve, reject));
      void work();
    });
}
