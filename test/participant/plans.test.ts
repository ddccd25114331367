/** The manifest that is in force: what a vote may change under a process that has read its data, and what not. */
import { expect } from 'chai';
import { dataDescriptionSchema } from '../../client/core/data/description.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { encodeManifest, type TaskManifest } from '../../client/core/task.ts';
import type { Participant } from '../../client/participant/participant.ts';
import { openPlans } from '../../client/participant/plans.ts';
import type { CompiledModel } from '../../client/training/engine.ts';
import { smallManifest } from '../chain/federation.ts';

const describedAs = (classes: [string, string], mean = 3): TaskManifest => ({
  ...smallManifest,
  model: { ...smallManifest.model, inputShape: [1] },
  training: { ...smallManifest.training },
  data: dataDescriptionSchema.parse({
    kind: 'table',
    columns: [{ kind: 'number', name: 'x', mean, standardDeviation: 1 }],
    label: { kind: 'class', column: 'y', classes },
  }),
});

/** A process that began with the first manifest, under a vote for the second. */
async function underVote(first: TaskManifest, second: TaskManifest) {
  const model = { layout: { tensors: [], dimension: 4 }, dispose: async () => undefined } as unknown as CompiledModel;
  const events: string[] = [];
  const node = {
    manifest: first,
    manifestCid: new Uint8Array(32),
    task: { dimension: 4 },
    federation: { readManifestCid: async () => new Uint8Array(32).fill(1), sync: async () => undefined },
    store: { get: async () => encodeManifest(second), has: async () => true },
    report: ({ event }: { event: string }) => events.push(event),
    signal: new AbortController().signal,
  } as unknown as Participant;
  const plans = await openPlans(node, async () => model);
  return { plans, events };
}

describe('a manifest that was voted for', () => {
  const first = describedAs(['healthy', 'sick']);

  for (const [what, second] of [
    ['classes in another order', describedAs(['sick', 'healthy'])],
    ['other constants', describedAs(['healthy', 'sick'], 4)],
  ] as const) {
    it(`that describes the data by ${what} is not trained with what was read by the old one`, async () => {
      const { plans, events } = await underVote(first, second);
      const failure = await plans.inForce().catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(TributaryError);
      const { code, retryable, message } = failure as TributaryError;
      expect({ code, retryable }).to.deep.equal({ code: 'MODEL_MISMATCH', retryable: true });
      expect(message).to.match(/describes the data otherwise.*start this process again/);
      expect(events).to.deep.equal([]);
    });
  }

  it('that changes the training plan alone is taken', async () => {
    const second = { ...first, training: { ...first.training, epochs: 7 } };
    const { plans, events } = await underVote(first, second);
    expect((await plans.inForce()).manifest.training.epochs).to.equal(7);
    expect(events).to.deep.equal(['planChanged']);
  });
});
