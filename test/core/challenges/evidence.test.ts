import { expect } from 'chai';
import fc from 'fast-check';
import { aggregate } from '../../../client/core/aggregate.ts';
import type { SubmissionEvidence } from '../../../client/core/challenges/challenge.ts';
import { nextColumnsStep } from '../../../client/core/challenges/columns.ts';
import { challengeModel, directInputs } from '../../../client/core/challenges/model.ts';
import { challengeCopy, challengeUpdate } from '../../../client/core/challenges/trainer.ts';
import { columnsTreeView, findWrongLeaf, modelTreeView, postedTreeOf } from '../../../client/core/challenges/trees.ts';
import { squaredNorm, updateToBytes } from '../../../client/core/codec.ts';
import { buildColumn, buildColumnWithCuts } from '../../../client/core/columns.ts';
import { buildModelTree, commitUpdate } from '../../../client/core/commitment.ts';
import { parseRule } from '../../../client/core/rules/parseRule.ts';
import { prepareUpdate } from '../../../client/core/verify.ts';
import { addressOf, arbitraryRound, fuzzRuns, fuzzTimeout, updatesOf } from '../rounds.ts';

const context = { chainId: 1n, federation: addressOf(900), round: 3, trainer: addressOf(0) };

function submissionOf(values: Int16Array, changes: Partial<SubmissionEvidence> = {}): SubmissionEvidence {
  const { updateRoot } = prepareUpdate(context.trainer, 1, values);
  return {
    trainer: context.trainer,
    terms: 1n,
    squaredNorm: squaredNorm(values),
    weight: 1,
    commitment: commitUpdate(context, updateRoot),
    cid: new Uint8Array(32),
    ...changes,
  };
}

describe('challengeUpdate', () => {
  const values = Int16Array.from({ length: 70 }, (_, i) => i - 30);

  it('has nothing against an honest update, nor against one that is not what was committed to', () => {
    expect(challengeUpdate(updateToBytes(values), 70, context, submissionOf(values))).to.equal(undefined);
    const other = updateToBytes(values.with(0, 5));
    expect(challengeUpdate(other, 70, context, submissionOf(values, { squaredNorm: 1 }))).to.equal(undefined);
    expect(challengeUpdate(new Uint8Array(5), 70, context, submissionOf(values))).to.equal(undefined);
  });

  it('names a false norm', () => {
    const challenge = challengeUpdate(updateToBytes(values), 70, context, submissionOf(values, { squaredNorm: 1 }));
    expect(challenge?.method).to.equal('refuteNorm');
    expect(challenge?.args[2]).to.include({ height: 1, index: 0 });
  });

  it('names values behind the last coordinate', () => {
    // the same bytes are those of a model of 70 coordinates, whose last is not zero
    expect(challengeUpdate(updateToBytes(values), 69, context, submissionOf(values))?.method).to.equal('refuteRange');
  });
});

describe('challengeCopy', () => {
  it('takes updates only that cannot be alike by chance', () => {
    const [original, copy] = [submissionOf(Int16Array.of(1)), submissionOf(Int16Array.of(1), { squaredNorm: 2000 })];
    expect(challengeCopy(1023, original, copy, copy.cid)).to.equal(undefined);
    expect(challengeCopy(2001, original, copy, copy.cid)).to.equal(undefined);
    expect(challengeCopy(2000, original, copy, copy.cid)?.method).to.equal('refuteCopy');
  });
});

describe('challengeModel', () => {
  it('needs the columns where there are too many updates to show', () => {
    const count = directInputs(0) + 1;
    const updates = updatesOf(Array.from({ length: count }, (_, i) => [i]));
    const base = Int32Array.of(5);
    const right = aggregate(parseRule('mean'), base, updates);
    const posted = { ...right.commitment, modelRoot: new Uint8Array(32) };
    const wrongModel = postedTreeOf(modelTreeView(buildModelTree(Int32Array.of(6))));
    const found = findWrongLeaf(modelTreeView(right.modelTree), wrongModel);
    const { leaf } = found as Extract<typeof found, { leaf: unknown }>;
    expect(challengeModel(posted, right, base, leaf)?.method).to.equal('refuteModelChunk');
    const wrongColumns = { ...posted, columnsRoot: new Uint8Array(32) };
    expect(challengeModel(wrongColumns, right, base, leaf)).to.equal(undefined);
    const fewer = aggregate(parseRule('mean'), base, updates.slice(1));
    expect(challengeModel(wrongColumns, fewer, base, leaf)?.method).to.equal('refuteModelDirectly');
  });
});

describe('nextColumnsStep', () => {
  it('has nothing against right columns', () => {
    fc.assert(
      fc.property(
        arbitraryRound(40, 140),
        fc.constantFrom('mean', 'median', 'trimmedMean:0.3'),
        ({ model, values, weights }, rule) => {
          const right = aggregate(parseRule(rule), model, updatesOf(values, weights));
          const opened = { tree: postedTreeOf(columnsTreeView(right)), leaves: new Map() };
          expect(nextColumnsStep(right, opened)).to.equal(undefined);
        },
      ),
      fuzzRuns(20),
    );
  }).timeout(fuzzTimeout);
});

describe('buildColumnWithCuts', () => {
  it('is the right column where the cut values are right', () => {
    fc.assert(
      fc.property(arbitraryRound(40, 64), ({ values }) => {
        const updates = updatesOf(values);
        const { states } = buildColumn(parseRule('median'), updates, 0);
        const view = new DataView(states[0]!.buffer, states[0]!.byteOffset);
        const read = (at: number) => Int16Array.from({ length: 64 }, (_, i) => view.getInt16(at + 2 * i));
        const cuts = { low: read(0), high: read(128) };
        expect(buildColumnWithCuts(updates, 0, cuts).states).to.deep.equal(states);
      }),
      fuzzRuns(20),
    );
  }).timeout(fuzzTimeout);
});
