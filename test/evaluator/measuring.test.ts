import { expect } from 'chai';
import { createMeasuring, openMeasurements } from '../../client/evaluator/measuring.ts';
import { type Measured, metricsPath, readMetrics } from '../../client/participant/metrics/document.ts';
import { type KeptFiles, keepInMemory } from '../../client/storage/keptFiles.ts';
import { addresses } from '../participant/addresses.ts';
import { accounts, rootOf, signText, stateOf } from '../participant/metrics/said.ts';

/** The model of a round is its number: the first answers wrongly, the others rightly; of the fifth nothing can be said. */
async function start(files: KeptFiles, rounds: readonly number[], joinedAfter = 0) {
  const asked: number[] = [];
  const documents = new Map<string, () => unknown>();
  const state = stateOf(rounds);
  const node = {
    federation: { state },
    rewards: { state: { evaluators: new Map([[accounts[0]!, joinedAfter]]) } },
    account: accounts[0]!,
    addresses,
    report: () => undefined,
    documents,
    sender: { sign: (text: string) => signText(0, text) },
  };
  const models = {
    async get(round: number) {
      asked.push(round);
      return Int32Array.of(round << 16);
    },
  };
  const outputs = (round: number) => (round === 1 ? [1, 0] : round === 5 ? [Number.NaN, Number.NaN] : [0, 1]);
  const predict = async () => Float32Array.from(outputs(asked.at(-1)!));
  const manifest = { metric: { name: 'logLoss', leastGain: 0 }, training: { loss: 'softmaxCrossEntropy' } };
  const judge = {
    plans: { inForce: async () => ({ model: { predict }, manifest }) },
    validation: { labels: Int32Array.of(1), classes: 2 },
  };
  const measure = createMeasuring(node as never, models as never, await openMeasurements(files), judge as never);
  const served = () => {
    const provider = { call: async () => '0x' };
    return readMetrics({ addresses, provider } as never, accounts[0]!, documents.get(metricsPath)?.());
  };
  return { state, asked, served, measure };
}

const roundsOf = (measured: readonly Measured[] | undefined) => measured?.map(({ round }) => round);

describe('measuring the models of rounds', () => {
  it('takes each once, the oldest first, and serves it by the metric of the task, signed', async () => {
    const files = keepInMemory();
    const { asked, served, measure } = await start(files, [1, 2]);
    for (let look = 0; look < 4; look++) await measure();
    expect(asked).to.deep.equal([1, 2]);
    const measured = await served();
    expect(roundsOf(measured)).to.deep.equal([1, 2]);
    expect(measured!.map(({ metric }) => metric)).to.deep.equal(['logLoss', 'logLoss']);
    expect(measured!.map(({ value }) => Number(value).toFixed(4))).to.deep.equal(['1.3133', '0.3133']);

    const again = await start(files, [1, 2]);
    await again.measure();
    expect(again.asked).to.deep.equal([]);
    expect(await again.served()).to.deep.equal(measured);
  });

  it('measures anew what is proposed anew, and in the place of what was', async () => {
    const { state, asked, served, measure } = await start(keepInMemory(), [1, 2]);
    for (let look = 0; look < 2; look++) await measure();
    const { proposed } = stateOf([3]).rounds.get(3)!;
    state.rounds.set(1, { ...state.rounds.get(1)!, proposed: proposed! });
    for (let look = 0; look < 2; look++) await measure();
    expect(asked).to.deep.equal([1, 2, 1]);
    const measured = await served();
    expect(roundsOf(measured)).to.deep.equal([1, 2]);
    expect(measured![0]!.modelRoot).to.equal(rootOf(3));
  });

  it('leaves out the rounds before it joined, and asks once where nothing can be said', async () => {
    const { asked, served, measure } = await start(keepInMemory(), [3, 4, 5, 6], 3);
    for (let look = 0; look < 5; look++) await measure();
    expect(asked).to.deep.equal([4, 5, 6]);
    expect(roundsOf(await served())).to.deep.equal([4, 6]);
  });
});
