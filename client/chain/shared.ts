/**
 * One after the other, and shared: whoever asks while another waits for its turn gets that one's answer. Each answer is of an `act` that
 * began after it was asked for.
 */
export function shared<T>(act: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  return () => {
    waiting ??= running.then(() => {
      waiting = undefined;
      const acting = act();
      running = acting.catch(() => undefined);
      return acting;
    });
    return waiting;
  };
}
