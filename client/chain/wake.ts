/**
 * Wakes a loop when the chain may have something new: at once through a WebSocket subscription to new blocks where the
 * node offers one, and after `intervalMs` in any case. Only a hint: what has happened is read from the events.
 */
import { WebSocket } from '#websocket';

/** What a loop waits by. */
export interface Wake {
  /** Settles at the next block, after the interval, or on abort. */
  next(signal: AbortSignal): Promise<void>;
  close(): void;
}

const reconnectMs = 5000;

/** Subscribes at once. `intervalMs`: how long `next` waits at most. */
export function createWake(rpcUrl: string, intervalMs: number): Wake {
  const waiting = new Set<() => void>();
  let missed = false;
  let closed = false;
  let socket: globalThis.WebSocket | undefined;
  let reconnect: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    socket = new WebSocket(rpcUrl.replace(/^http/, 'ws'));
    socket.onopen = () => socket?.send('{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}');
    socket.onmessage = ({ data }) => {
      if (String(data).includes('eth_subscription')) ring();
    };
    // a close follows every error
    socket.onerror = () => undefined;
    socket.onclose = () => {
      if (closed) return;
      reconnect = setTimeout(connect, reconnectMs);
      // a process does not stay for it; a page knows no such thing
      (reconnect as { unref?(): void }).unref?.();
    };
  }
  function ring(): void {
    if (waiting.size === 0) missed = true;
    for (const wake of waiting) wake();
  }
  connect();

  return {
    next(signal) {
      if (missed || signal.aborted) {
        missed = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, intervalMs);
        signal.addEventListener('abort', done, { once: true });
        waiting.add(done);
      });
    },
    close() {
      closed = true;
      clearTimeout(reconnect);
      socket?.close();
    },
  };
}
