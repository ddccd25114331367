import { expect } from 'chai';
import type { PostedProposal, RoundFacts, SubmissionEvidence } from '../../../client/core/challenges/challenge.ts';
import {
  challengeInputsList,
  nextInputsStep,
  openedGroup,
  postedInputsTree,
} from '../../../client/core/challenges/inputs.ts';
import { commitUpdate } from '../../../client/core/commitment.ts';
import { keccak256 } from '../../../client/core/hash.ts';
import { groupInputs, groupWeights, hashInputs, type RoundInput } from '../../../client/core/inputs.ts';
import { sumNodeAt, sumTreeRoot } from '../../../client/core/sumTree.ts';
import { addressOf } from '../rounds.ts';

const context = { chainId: 31_337n, federation: addressOf(999), round: 7 };
const empty = new Uint8Array(32);

function inputsOf(count: number): RoundInput[] {
  return Array.from({ length: count }, (_, i) => ({
    trainer: addressOf(2 * i),
    updateRoot: keccak256(Uint8Array.of(i, i >> 8)),
    weight: 10 + i,
  }));
}

function factsOf(inputs: readonly RoundInput[], changes: Partial<RoundFacts> = {}): RoundFacts {
  const submissions = inputs.map(({ trainer, updateRoot, weight }): SubmissionEvidence => {
    const commitment = commitUpdate({ ...context, trainer }, updateRoot);
    return { trainer, terms: 1n, squaredNorm: 5, weight, commitment, cid: empty };
  });
  return {
    ...context,
    submissions,
    included: inputs.map(({ trainer }) => trainer),
    omitted: [],
    reputations: undefined,
    ...changes,
  };
}

function proposalOf(inputs: readonly RoundInput[], changes: Partial<PostedProposal> = {}): PostedProposal {
  const { hash, sum } = sumTreeRoot(hashInputs(inputs));
  const roots = { inputsRoot: hash, modelRoot: empty, columnsRoot: empty };
  return { inputCount: inputs.length, totalWeight: sum, ...roots, ...changes };
}

/** What a list shows, and what demands for the same inputs lead to. */
function methodsOf(list: RoundInput[], right: readonly RoundInput[], facts: RoundFacts) {
  const posted = proposalOf(list);
  return [challengeInputsList(list, posted, facts)?.method, demandAll(list, right, posted, facts)];
}

function demandAll(list: RoundInput[], right: readonly RoundInput[], posted: PostedProposal, facts: RoundFacts) {
  const opened = { tree: postedInputsTree(posted), groups: new Map<number, RoundInput[]>() };
  const tree = hashInputs(list);
  for (let demands = 0; demands < 4; demands++) {
    const step = nextInputsStep(right, opened, posted, facts);
    if (step === undefined || 'challenge' in step) return step?.challenge.method;
    const { height, index, span } = step.open;
    const at = index * 2 ** span;
    if (span === 0) {
      const group = groupInputs(list)[index]!;
      const entries = Array.from({ length: 16 }, (_, i) => group[i] ?? { trainer: addressOf(-1), updateRoot: empty });
      opened.groups.set(index, openedGroup(groupWeights(group), entries));
    } else {
      const nodes = Array.from({ length: 2 ** span }, (_, i) => sumNodeAt(tree, height - span, at + i));
      opened.tree.learn(height, index, span, nodes);
    }
  }
  return 'too many demands';
}

describe('Posted inputs', () => {
  it('are not challenged where they are right, by whatever number', () => {
    for (const count of [1, 2, 15, 16, 17, 32, 33, 300]) {
      const inputs = inputsOf(count);
      expect(methodsOf(inputs, inputs, factsOf(inputs))).to.deep.equal([undefined, undefined]);
    }
  });

  it('are not judged by a list that is not what the proposal commits to', () => {
    const inputs = inputsOf(3);
    const other = inputs.with(1, { ...inputs[1]!, trainer: addressOf(500) });
    expect(challengeInputsList(other, proposalOf(inputs), factsOf(inputs))).to.equal(undefined);
    expect(challengeInputsList(inputs.slice(0, 2), proposalOf(inputs), factsOf(inputs))).to.equal(undefined);
  });

  for (const count of [3, 16, 20, 40]) {
    const inputs = inputsOf(count);
    const last = count - 1;
    const stranger = { ...inputs[last]!, trainer: addressOf(5000) };
    const faults: [method: string, list: RoundInput[]][] = [
      ['refuteUnsubmitted', inputs.with(last, stranger)],
      ['refuteUnsubmitted', [...inputs, stranger]],
      ['refuteMisquoted', inputs.with(1, { ...inputs[1]!, weight: 9 })],
      ['refuteMisquoted', inputs.with(last, { ...inputs[last]!, updateRoot: keccak256(empty) })],
      ['refuteInputCount', inputs.with(1, { ...inputs[1]!, weight: 0 })],
      ['refuteDisorder', inputs.with(2, inputs[1]!)],
      ['refuteMissing', inputs.slice(1)],
      ['refuteMissing', inputs.slice(0, -1)],
      ['refuteMissing', inputs.filter((_, i) => i !== 1)],
    ];
    for (const [method, list] of faults) {
      it(`of ${count} trainers show ${method} in ${list.length} entries`, () => {
        expect(methodsOf(list, inputs, factsOf(inputs))).to.deep.equal([method, method]);
      });
    }
  }

  it('may not hold a trainer that is named as left out', () => {
    const inputs = inputsOf(18);
    const right = inputs.filter((_, i) => i !== 17);
    const omitted = [inputs[17]!.trainer];
    const facts = { ...factsOf(inputs), included: right.map(({ trainer }) => trainer), omitted };
    expect(methodsOf(inputs, right, facts)).to.deep.equal(['refuteIncluded', 'refuteIncluded']);
    expect(methodsOf(right, right, facts)).to.deep.equal([undefined, undefined]);
  });

  it('are refuted where nobody had submitted, or all are named as left out', () => {
    for (const count of [1, 20, 40]) {
      const inputs = inputsOf(count);
      expect(methodsOf(inputs, [], factsOf([]))).to.deep.equal(['refuteUnsubmitted', 'refuteUnsubmitted']);
      const facts = { ...factsOf(inputs), included: [], omitted: inputs.map(({ trainer }) => trainer) };
      expect(methodsOf(inputs, [], facts)).to.deep.equal(['refuteIncluded', 'refuteIncluded']);
    }
  });

  it('need not hold a submission that was proven false', () => {
    const inputs = inputsOf(5);
    const right = inputs.filter((_, i) => i !== 2);
    const facts = { ...factsOf(inputs), included: right.map(({ trainer }) => trainer) };
    expect(methodsOf(right, right, facts)).to.deep.equal([undefined, undefined]);
    const missing = right.filter((_, i) => i !== 3);
    expect(methodsOf(missing, right, facts)).to.deep.equal(['refuteMissing', 'refuteMissing']);
  });

  it('are compared without regard to how addresses are written', () => {
    const inputs = inputsOf(17);
    const facts = factsOf(inputs);
    const upper = (trainer: string) => `0x${trainer.slice(2).toUpperCase()}`;
    const submissions = facts.submissions.map((submission) => ({ ...submission, trainer: upper(submission.trainer) }));
    const shouted = { ...facts, submissions, included: facts.included.map(upper) };
    expect(methodsOf(inputs, inputs, shouted)).to.deep.equal([undefined, undefined]);
  });

  it('show a total weight that is not their sum', () => {
    for (const count of [3, 40]) {
      const inputs = inputsOf(count);
      const posted = proposalOf(inputs, { totalWeight: 12_345 });
      const facts = factsOf(inputs);
      expect(challengeInputsList(inputs, posted, facts)?.method).to.equal('refuteInputsSum');
      expect(demandAll(inputs, inputs, posted, facts)).to.equal('refuteInputsSum');
    }
  });
});
