import { expect } from 'chai';
import { emptyState } from '../../../client/chain/rounds.ts';
import {
  type Measured,
  maxMetricsBytes,
  mostMeasured,
  readMetrics,
} from '../../../client/participant/metrics/document.ts';
import { askEvaluators, bestOf, mediansOf, metricSaid } from '../../../client/participant/metrics/medians.ts';
import { useServers } from '../../storage/servers.ts';
import { addresses } from '../addresses.ts';
import { accounts, auc, rootOf, signed, stateOf } from './said.ts';

/** No account is a contract. */
const federation = { addresses, provider: { call: async () => '0x' } } as never;
function medians(
  values: readonly (readonly Measured[])[],
  rounds: readonly number[],
  joinedAfter: readonly number[] = [0, 0, 0, 0],
) {
  const said = new Map(values.map((measured, index) => [accounts[index]!, measured]));
  const evaluators = new Map(joinedAfter.map((after, index) => [accounts[index]!, after]));
  return mediansOf(said, { federation: stateOf(rounds), rewards: { evaluators }, metric: 'auc' });
}

describe('what an evaluator has measured', () => {
  const { serve } = useServers();
  const giving = (document: unknown) => serve((_, response) => void response.end(JSON.stringify(document)));

  it('is not believed where anything of it was changed, or another signed it', async () => {
    const document = await signed(0, [auc(1, '0.75'), auc(2, '0.8')]);
    const changes: object[] = [
      { measured: [auc(1, '0.75'), auc(2, '0.81')] },
      { measured: [auc(1, '0.75')] },
      { measured: [auc(1, '0.75'), { ...auc(2, '0.8'), metric: 'f1' }] },
      { signature: (await signed(1, document.measured)).signature },
      { signature: '0x00' },
    ];
    for (const change of changes) {
      expect(await readMetrics(federation, accounts[0]!, { ...document, ...change }), JSON.stringify(change)).to.equal(
        undefined,
      );
    }
    expect(await readMetrics(federation, accounts[1]!, document)).to.equal(undefined);
    expect(await readMetrics(federation, accounts[0]!, document)).to.deep.equal(document.measured);
  });

  it('is no document where a value is no number, and fits what readers take where it is long', async () => {
    for (const value of ['NaN', '', '0x1', '1 2']) {
      const document = await signed(0, [auc(1, value)]);
      const refused = await readMetrics(federation, accounts[0]!, document).catch(
        (error: { code: string }) => error.code,
      );
      expect(refused, value).to.equal('CONFIG_INVALID');
    }
    const longest = { ...auc(4_000_000_000, '-0.12345678901234567'), metric: 'calibrationError' as const };
    const whole = JSON.stringify(
      await signed(
        0,
        Array.from({ length: mostMeasured }, () => longest),
      ),
    );
    expect(whole.length).to.be.below(maxMetricsBytes);
  });

  it('is asked of all, and who is silent, lies or is gone is left out', async () => {
    const own = await signed(0, [auc(1, '0.5')]);
    const endpoints = new Map([
      [accounts[0]!, await giving(own)],
      [accounts[1]!, await giving(own)],
      [accounts[2]!, 'http://127.0.0.1:1'],
    ]);
    const asked = { addresses, provider: { call: async () => '0x' }, state: { ...emptyState(), endpoints } };
    const rewards = { state: { evaluators: new Map(accounts.map((account) => [account, 0])) } };
    const said = await askEvaluators({ federation: asked, rewards, signal: new AbortController().signal } as never);
    expect([...said]).to.deep.equal([[accounts[0], own.measured]]);
  });
});

describe('the median of evaluators', () => {
  it('is none where not more than half of those that could have measured the round have', () => {
    expect(medians([[auc(1, '0.5')], [auc(1, '0.7')]], [1])).to.deep.equal([]);
    expect(medians([], [1], [])).to.deep.equal([]);
  });

  it('does not count another model, another metric, or who joined later', () => {
    const other = { ...auc(1, '0.9'), metric: 'f1' as const };
    const voided = auc(1, '0.9', rootOf(99));
    expect(medians([[auc(1, '0.5')], [other], [voided]], [1], [0, 0, 0])).to.deep.equal([]);
    const [median] = medians([[auc(1, '0.5')], [auc(1, '0.9')]], [1], [0, 1]);
    expect(median).to.deep.equal({ round: 1, metric: 'auc', value: 0.5, measuredBy: 1, evaluators: 1 });
  });

  it('stays among what the others say, whatever a minority says', () => {
    const lie = (value: string) => [auc(1, value), auc(2, value)];
    for (const value of ['0', '1', '1e300']) {
      const found = medians(
        [[auc(1, '0.6'), auc(2, '0.8')], [auc(1, '0.7'), auc(2, '0.9')], lie(value)],
        [1, 2],
        [0, 0, 0],
      );
      expect(found[0]!.value).to.be.within(0.6, 0.7);
      expect(found[1]!.value).to.be.within(0.8, 0.9);
    }
    expect(medians([[auc(1, '0.6')], [auc(1, '0.7')], [auc(1, '0.8')], [auc(1, '0.9')]], [1])[0]!.value).to.equal(0.7);
  });

  it('names the best round by which is better of the metric, and by how much it must be', () => {
    const rounds = ['0.5', '0.9', '0.92', '0.7'].map(
      (value, index) => medians([[auc(index + 1, value)]], [index + 1], [0])[0]!,
    );
    expect(bestOf(rounds, { name: 'auc', leastGain: 0 })!.round).to.equal(3);
    expect(bestOf(rounds, { name: 'auc', leastGain: 0.05 })!.round).to.equal(2);
    expect(bestOf(rounds, { name: 'logLoss', leastGain: 0 })!.round).to.equal(1);
    expect(bestOf([], { name: 'auc', leastGain: 0 })).to.equal(undefined);
  });

  it('is of the metric that most evaluators measured last', () => {
    const f1 = { ...auc(2, '0.1'), metric: 'f1' as const };
    expect(
      metricSaid(
        new Map([
          ['a', [auc(1, '1'), f1]],
          ['b', [f1]],
          ['c', [auc(2, '1')]],
        ]),
      ),
    ).to.equal('f1');
    expect(metricSaid(new Map())).to.equal(undefined);
  });
});
