import { expect } from 'chai';
import type { TaskManifest } from '../../client/core/task.ts';
import { reasonToEnd } from '../../client/trainer/patience.ts';
import { addresses } from '../participant/addresses.ts';
import { accounts, auc, signed, stateOf } from '../participant/metrics/said.ts';
import { useServers } from '../storage/servers.ts';

describe('the reason to end', () => {
  const { serve } = useServers();

  /** Of rounds 1, 2 …, of which an evaluator says these values, when one opens that starts from `baseRound`. */
  async function reason(
    values: readonly string[],
    baseRound: number,
    metric: { patience?: number; leastGain: number },
  ) {
    const measured = values.map((value, index) => auc(index + 1, value));
    const document = JSON.stringify(await signed(0, measured));
    const endpoints = new Map([[accounts[0]!, await serve((_, response) => void response.end(document))]]);
    const state = { ...stateOf(measured.map(({ round }) => round)), endpoints };
    const node = {
      federation: { addresses, provider: { call: async () => '0x' }, state },
      rewards: { state: { evaluators: new Map([[accounts[0]!, 0]]) } },
      signal: new AbortController().signal,
    };
    const manifest = { metric: { name: 'auc', ...metric }, training: { loss: 'softmaxCrossEntropy' } };
    return await reasonToEnd(node as never, { baseRound }, manifest as TaskManifest);
  }

  it('is that as many rounds as the task has patience were not better, none fewer', async () => {
    const values = ['0.5', '0.9', '0.8', '0.7'];
    expect(await reason(values, 5, { patience: 2, leastGain: 0 })).to.match(
      /^no better round in the last 2: auc was best in round 2, 0\.9 /,
    );
    expect(await reason(values, 5, { patience: 3, leastGain: 0 })).to.equal(undefined);
    expect(await reason(values, 5, { leastGain: 0 })).to.equal(undefined);
    expect(await reason([], 5, { patience: 1, leastGain: 0 })).to.equal(undefined);
  });

  it('does not look at the model that the round starts from, which not all may have measured', async () => {
    expect(await reason(['0.9', '0.8', '0.7'], 3, { patience: 2, leastGain: 0 })).to.equal(undefined);
    expect(await reason(['0.9', '0.8', '0.7', '0.95'], 4, { patience: 2, leastGain: 0 })).to.include('round 1, 0.9');
  });

  it('counts a round as better by the least gain only', async () => {
    const values = ['0.5', '0.6', '0.62', '0.64'];
    expect(await reason(values, 5, { patience: 2, leastGain: 0.05 })).to.include('best in round 2, 0.6 ');
    expect(await reason(values, 5, { patience: 2, leastGain: 0 })).to.equal(undefined);
  });
});
