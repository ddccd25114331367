/** Old updates are forgotten; what the chain still names never is, and what is lost of it is said, and made again. */
import { expect } from 'chai';
import { createKeeping } from '../../../client/aggregator/keeping.ts';
import { emptyState, type Round } from '../../../client/chain/rounds.ts';
import { cidFromDigest } from '../../../client/core/cid.ts';
import { modelToBytes } from '../../../client/core/codec.ts';
import { toHex } from '../../../client/core/hash.ts';
import { modelBytes, updateBytes } from '../../../client/core/numbers.ts';
import type { NodeEvent } from '../../../client/participant/events.ts';
import type { Participant } from '../../../client/participant/participant.ts';
import { createForgetter } from '../../../client/participant/rounds/updates.ts';

const dimension = 3;
const [self, other] = ['0xself', '0xother'];
const digest = (seed: number) => new Uint8Array(32).fill(seed);
const genesis = digest(1);
const manifest = digest(2);
const voted = digest(3);
const modelOf = (round: number) => digest(100 + round);
const inputsOf = (round: number) => digest(150 + round);

interface How {
  lost?: readonly Uint8Array[];
  keepUpdates?: number | 'all';
  /** Those of the first four that are not final but skipped. */
  skipped?: readonly number[];
}

/** Five rounds, of which the first four are final; `submitted` are the digests of the updates by round. */
function stage(submitted: Record<number, Uint8Array[]>, { lost = [], keepUpdates = 2, skipped = [] }: How = {}) {
  const state = emptyState();
  state.finalRound = 4;
  for (let number = 1; number <= 5; number++) {
    const submissions = (submitted[number] ?? []).map((cid, index) => [`0x${index}`, { trainer: `0x${index}`, cid }]);
    const proposal = { modelCid: modelOf(number), inputsCid: inputsOf(number), inputCount: 1 };
    const proposed = { id: `${number}`, proposer: number === 3 ? other : self, proposal };
    const isSkipped = skipped.includes(number);
    const final = number <= 4 && !isSkipped;
    state.rounds.set(number, {
      number,
      final,
      skipped: isSkipped,
      submissions: new Map(submissions as never),
      ...(!isSkipped && { proposed }),
    } as unknown as Round);
  }
  const unpinned: string[] = [];
  const puts: Uint8Array[] = [];
  const said: NodeEvent[] = [];
  const isLost = (cid: { multihash: { digest: Uint8Array } }) =>
    lost.some((one) => toHex(one) === toHex(cid.multihash.digest));
  const node = {
    account: self,
    options: { keepUpdates },
    task: { dimension, genesisModelCid: genesis, manifestCid: manifest },
    manifestCid: manifest,
    federation: { state, readManifestCid: async () => voted },
    signal: new AbortController().signal,
    report: (event: NodeEvent) => said.push(event),
    store: {
      has: async (cid: never) => !isLost(cid),
      unpin: async (cid: { multihash: { digest: Uint8Array } }) => unpinned.push(toHex(cid.multihash.digest)),
      put: async (bytes: Uint8Array) => puts.push(bytes),
    },
  } as unknown as Participant;
  return { node, unpinned, puts, said };
}

describe('forgetting updates', () => {
  it('never forgets what the chain names otherwise, whoever submits its digest as that of an update', async () => {
    const [old, fresh, both] = [digest(20), digest(21), digest(22)];
    const named = [genesis, manifest, voted, modelOf(1), modelOf(4), inputsOf(4), modelOf(5), inputsOf(5)];
    const { node, unpinned } = stage({ 1: [old, ...named, both], 2: [], 3: [both], 4: [fresh] });
    await createForgetter(node)();
    expect(unpinned).to.deep.equal([toHex(old)]);
    expect(cidFromDigest(old, updateBytes(dimension)).code).to.equal(cidFromDigest(old, modelBytes(dimension)).code);
  });

  describe('keeps those of the newest final rounds', () => {
    const updateOf = (round: number) => digest(30 + round);
    const submitted = Object.fromEntries([1, 2, 3, 4, 5].map((round) => [round, [updateOf(round)]]));

    async function forgotten(how: How): Promise<number[]> {
      const { node, unpinned } = stage(submitted, how);
      const forget = createForgetter(node);
      await forget();
      await forget();
      return unpinned.map((hex) => Number.parseInt(hex.slice(-2), 16) - 30);
    }

    it('as many as are asked for, each round forgotten once', async () => {
      expect(await forgotten({})).to.deep.equal([1, 2]);
      expect(await forgotten({ keepUpdates: 1 })).to.deep.equal([1, 2, 3]);
      expect(await forgotten({ keepUpdates: 3 })).to.deep.equal([1]);
    });

    it('all of them where fewer are final, or all are asked for', async () => {
      for (const keepUpdates of [4, 5, 64, 'all'] as const) expect(await forgotten({ keepUpdates })).to.deep.equal([]);
    });

    it('and does not take a skipped one for one of them', async () => {
      expect(await forgotten({ skipped: [3] })).to.deep.equal([1, 3]);
      expect(await forgotten({ skipped: [2, 3] })).to.deep.equal([2, 3]);
      expect(await forgotten({ skipped: [2, 3], keepUpdates: 1 })).to.deep.equal([1, 2, 3]);
    });

    it('also where somebody submits their digests again to one that is forgotten', async () => {
      const copied = { 1: [updateOf(1)], 2: [updateOf(1), updateOf(2)], 4: [updateOf(4)] };
      const { node, unpinned } = stage(copied, { skipped: [2, 3] });
      await createForgetter(node)();
      expect(unpinned).to.deep.equal([toHex(updateOf(2))]);
    });

    it('of others too, where those of one trainer are forgotten', async () => {
      const both = { 1: [updateOf(1), updateOf(9)] };
      const { node, unpinned } = stage(both);
      await createForgetter(node, '0x1')();
      expect(unpinned).to.deep.equal([toHex(updateOf(9))]);
    });

    it('and tries again what failed, but looks at nothing while no other round is final', async () => {
      const { node, unpinned } = stage(submitted);
      let asked = 0;
      node.federation.readManifestCid = async () => {
        if (++asked === 1) throw new Error('no answer');
        return voted;
      };
      const forget = createForgetter(node);
      await forget().catch(() => undefined);
      for (const _ of [2, 3, 4]) await forget();
      expect(asked).to.equal(2);
      expect(unpinned).to.deep.equal([1, 2].map((round) => toHex(updateOf(round))));
    });

    it('without a question to the chain where none is old', async () => {
      const { node, unpinned } = stage(submitted, { keepUpdates: 4 });
      node.federation.readManifestCid = () => Promise.reject(new Error('asked'));
      await createForgetter(node)();
      expect(unpinned).to.deep.equal([]);
    });

    it('as they become final', async () => {
      const { node, unpinned } = stage(submitted);
      const forget = createForgetter(node);
      await forget();
      const { state } = node.federation;
      Object.assign(state.rounds.get(5)!, { final: true });
      state.finalRound = 5;
      await forget();
      expect(unpinned).to.deep.equal([1, 2, 3].map((round) => toHex(updateOf(round))));
    });
  });
});

describe('what a node has proposed', () => {
  const model = Int32Array.of(1, 2, 3);
  const models = { get: async () => model, remember: () => undefined };

  it('is looked for while the chain names it; a lost model is reported once, and computed again', async () => {
    // of an old round, of another proposer, and of one in flight
    const { node, puts, said } = stage({}, { lost: [modelOf(1), modelOf(3), modelOf(5)] });
    const step = createKeeping(node, models);
    await step();
    await step();
    expect(puts).to.deep.equal([modelToBytes(model)]);
    const cid = String(cidFromDigest(modelOf(5), modelBytes(dimension)));
    const lost = { round: 5, what: 'model', cid };
    expect(said).to.deep.equal([
      { event: 'missing', ...lost },
      { event: 'restored', ...lost },
    ]);
  });

  it('is reported as lost once, and asked for again, while nobody has it', async () => {
    const { node, said } = stage({}, { lost: [modelOf(4)] });
    let asked = 0;
    const step = createKeeping(node, { ...models, get: async () => Promise.reject(new Error(`asked ${++asked}`)) });
    for (const _ of [1, 2]) await step().catch(() => undefined);
    expect(asked).to.equal(2);
    expect(said.map(({ event }) => event)).to.deep.equal(['missing']);
  });
});
