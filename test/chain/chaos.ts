/** Faults at random: any call, in any way that nodes fail, the same for the same seed and order of calls. */
import { createRandom } from '../../client/core/random.ts';
import { asOf } from './habits.ts';
import { type Call, type Fault, providerFaults, type RpcProxy, type Spoil } from './proxy.ts';

export interface Chaos {
  spoil: Spoil;
  /** How many there have been, by method and kind. */
  injected: Map<string, number>;
  total(): number;
}

const errors = [
  'internal error',
  'header not found',
  'the upstream is busy',
  'context deadline exceeded',
  'something new',
];

/** `share` of the calls fail. */
export function createChaos(proxy: RpcProxy, seed: number, share: number): Chaos {
  const random = createRandom('faults', seed);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const injected = new Map<string, number>();

  const kinds: Record<string, (call: Call) => Promise<Fault | undefined> | Fault | undefined> = {
    ...Object.fromEntries(Object.entries(providerFaults).map(([name, fault]) => [name, () => fault])),
    'an error': () => ({ kind: 'error', code: -32_603, message: pick(errors) }),
    'a closed socket, afterwards': () => ({ kind: 'close', late: true }),
    'HTTP 500, afterwards': () => ({ kind: 'http', status: 500, body: 'internal error', late: true }),
    'nothing found': ({ method }) => {
      if (method === 'eth_getLogs') return { kind: 'result', result: [] };
      return /Receipt|getBlockBy|getTransactionBy/.test(method) ? { kind: 'result', result: null } : undefined;
    },
    'a machine that is behind': async (call) =>
      await asOf(proxy, Math.max(0, Number(await proxy.ask('eth_blockNumber', [])) - 1 - random.below(4)), call),
  };

  return {
    injected,
    total: () => [...injected.values()].reduce((sum, count) => sum + count, 0),
    async spoil(call) {
      if (random.float() >= share) return undefined;
      const [name, make] = pick(Object.entries(kinds));
      const fault = await make(call);
      if (fault === undefined) return undefined;
      const key = `${call.method}: ${name}`;
      injected.set(key, (injected.get(key) ?? 0) + 1);
      return fault;
    },
  };
}
