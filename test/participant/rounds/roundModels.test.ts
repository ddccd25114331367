/** What a hostile proposal makes of the models and the inputs that nodes compute from it. */
import { expect } from 'chai';
import { emptyState, type ProposedRound, type Submission } from '../../../client/chain/rounds.ts';
import { aggregate } from '../../../client/core/aggregate.ts';
import { cidFromDigest } from '../../../client/core/cid.ts';
import { squaredNorm, updateToBytes } from '../../../client/core/codec.ts';
import { commitUpdate } from '../../../client/core/commitment.ts';
import { TributaryError } from '../../../client/core/errors.ts';
import { toHex } from '../../../client/core/hash.ts';
import { hashInputs, sortInputs } from '../../../client/core/inputs.ts';
import { updateBytes } from '../../../client/core/numbers.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import type { Participant } from '../../../client/participant/participant.ts';
import { fetchInputs, recompute, rightInputs } from '../../../client/participant/rounds/recompute.ts';
import { createRoundModels } from '../../../client/participant/rounds/roundModels.ts';
import { createUpdates } from '../../../client/participant/rounds/updates.ts';
import { updatesOf } from '../../core/rounds.ts';

const dimension = 3;
const rule = { name: 'mean', trimBasisPoints: 0 } as const;
const federation = developmentWallet(9).address;
const base = Int32Array.of(10, -20, 30);
const updates = updatesOf(
  [
    [1, 2, 3],
    [-4, 5, 6],
    [7, 8, -9],
  ],
  [2, 3, 5],
);
const right = aggregate(rule, base, updates);
const modelCid = new Uint8Array(32).fill(77);
const falseBytes = new Uint8Array(256).fill(1);

/** The updates' blobs, by the CIDs that were submitted; and under the CID of the proposal other bytes than its model. */
const blobs = new Map<string, Uint8Array>([[String(cidFromDigest(modelCid, 256)), falseBytes]]);
const submissions = updates.map(({ trainer, updateRoot, weight, values }, index): Submission => {
  const cid = new Uint8Array(32).fill(index + 1);
  blobs.set(String(cidFromDigest(cid, updateBytes(dimension))), updateToBytes(values));
  const commitment = commitUpdate({ chainId: 31_337n, federation, round: 1, trainer }, updateRoot);
  return {
    trainer,
    commitment,
    cid,
    squaredNorm: squaredNorm(values),
    weight,
    transactionHash: '0x',
    slashed: false,
  };
});

interface Staged {
  slashed?: readonly number[];
  included: readonly number[];
  omitted?: readonly number[];
  inputsRoot?: Uint8Array;
  modelRoot?: Uint8Array;
  changed?: Partial<Submission>;
}

function stage({ slashed = [], included, omitted = [], inputsRoot, modelRoot, changed = {} }: Staged) {
  const trainersOf = (places: readonly number[]) => places.map((index) => submissions[index]!.trainer);
  const all = submissions.map((submission, index) => {
    const change = slashed.includes(index) ? { ...changed, slashed: true } : {};
    return [submission.trainer, { ...submission, ...change }] as const;
  });
  const none = new Uint8Array(32);
  const round: ProposedRound = {
    number: 1,
    baseRound: 0,
    edition: 0,
    earlierEditions: [],
    expectedTrainers: submissions.length,
    openedBlock: 1,
    submissionDeadline: 0,
    unserved: new Set<string>(),
    submissions: new Map(all),
    final: false,
    skipped: false,
    voided: false,
    proposed: {
      id: '0x01/1',
      proposer: federation,
      proposal: {
        round: 1,
        baseRound: 0,
        inputCount: included.length,
        totalWeight: 0,
        rule: 0,
        trimBasisPoints: 0,
        baseModelRoot: none,
        modelRoot: modelRoot ?? right.commitment.modelRoot,
        modelCid,
        inputsCid: none,
        inputsRoot: inputsRoot ?? right.commitment.inputsRoot,
        columnsRoot: none,
        omittedHash: none,
        reputations: none,
      },
      omitted: trainersOf(omitted),
      included: trainersOf(included),
      closesAt: 0,
      proposedAt: 0,
      nextReputations: none,
      blockNumber: 1,
    },
  };
  const state = emptyState();
  state.rounds.set(1, round);
  const node = {
    account: developmentWallet(1).address,
    addresses: { chainId: 31_337, federation },
    federation: { state },
    rewards: { state: { evaluators: new Map() } },
    // in force now: a vote has changed it since
    parameters: () => ({ rule: { name: 'median', trimBasisPoints: 0 } }),
    reputations: async () => undefined,
    task: { dimension, genesisModelRoot: new Uint8Array(32).fill(3), genesisModelCid: modelCid },
    signal: new AbortController().signal,
    report: () => undefined,
    store: {
      async get(cid: unknown) {
        const blob = blobs.get(String(cid));
        if (blob === undefined) throw new TributaryError('BLOB_UNAVAILABLE', 'nobody has it', { retryable: true });
        return blob;
      },
    },
  } as unknown as Participant;
  return { round, node };
}

async function recomputed(staged: Staged) {
  const { round, node } = stage(staged);
  const fetched = createUpdates(node, round);
  await fetchInputs(round, fetched, Date.now());
  const models = { get: async () => base, remember: () => undefined };
  const result = await recompute(node, models, round, fetched);
  return { inputs: await rightInputs(node, round, fetched), result };
}

function inputsRootOf(places: readonly number[]): Uint8Array {
  return sumTreeRoot(hashInputs(sortInputs(places.map((index) => updates[index]!)))).hash;
}

describe('a model that is not served as its root says', () => {
  async function modelOf(staged: Staged): Promise<Int32Array> {
    const { node } = stage(staged);
    const models = createRoundModels(node);
    // the first model of the task, which the round starts from
    models.remember(node.task.genesisModelRoot, base);
    return await models.get(1);
  }

  it('is no reason to end where it cannot be computed either', async () => {
    const error = await modelOf({ included: [0, 1, 2], modelRoot: new Uint8Array(32).fill(5) }).catch(
      (cause: unknown) => cause,
    );
    expect(error).to.include({ code: 'BLOB_UNAVAILABLE', retryable: true });
  });

  it('is computed again from the updates of its round, by the rule of that round', async () => {
    expect(await modelOf({ included: [0, 1, 2] })).to.deep.equal(right.model);
  });
});

describe('the inputs that a proposal must take in', () => {
  it('are none where it names everybody as omitted, and no model follows from none', async () => {
    const { inputs, result } = await recomputed({ included: [], omitted: [0, 1, 2] });
    expect(inputs).to.deep.equal([]);
    expect(result).to.equal(undefined);
  });

  it('may hold any of those that were proven false after the proposer looked', async () => {
    for (const posted of [[0], [0, 1], [0, 2], [0, 1, 2]]) {
      const { inputs, result } = await recomputed({
        slashed: [1, 2],
        included: [0],
        inputsRoot: inputsRootOf(posted),
      });
      expect(inputs.map(({ trainer }) => trainer)).to.deep.equal(posted.map((index) => updates[index]!.trainer));
      expect(toHex(result!.right.commitment.inputsRoot)).to.equal(toHex(inputsRootOf(posted)));
    }
  });

  it('have no right result where they hold one that is false', async () => {
    const changed = { squaredNorm: 1 };
    const { inputs, result } = await recomputed({
      slashed: [1],
      included: [0, 2],
      inputsRoot: inputsRootOf([0, 1, 2]),
      changed,
    });
    expect(inputs).to.have.length(3);
    expect(result).to.equal(undefined);
  });
});
