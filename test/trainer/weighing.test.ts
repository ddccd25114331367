import { expect } from 'chai';
import type { NodeEvent } from '../../client/participant/events.ts';
import { createWeighing } from '../../client/trainer/weighing.ts';
import { smallManifest } from '../chain/federation.ts';

describe('the weight of an update', () => {
  it('is that of its samples, and at most what is allowed, which is said once for each number', () => {
    const said: NodeEvent[] = [];
    const weigh = createWeighing({
      parameters: () => ({ maxWeight: 100 }) as never,
      report: (event) => said.push(event),
    });
    const manifest = { ...smallManifest, samplesPerWeight: 10 };
    expect([1, 7, 1000].map((samples) => weigh(samples, manifest, 1))).to.deep.equal([1, 1, 100]);
    expect(said).to.deep.equal([]);
    expect([70_000, 70_000, 1_001].map((samples, index) => weigh(samples, manifest, index + 2))).to.deep.equal([
      100, 100, 100,
    ]);
    expect(said).to.deep.equal([
      { event: 'weightLimited', round: 2, samples: 70_000, most: 1000 },
      { event: 'weightLimited', round: 4, samples: 1_001, most: 1000 },
    ]);
  });
});
