/** Posted inputs held against the submissions of their round, entry by entry. */
import { commitUpdate } from '../commitment.ts';
import { equalBytes, toHex } from '../hash.ts';
import { compareAddresses, type RoundInput } from '../inputs.ts';
import { isEmpty } from '../merkle.ts';
import { groupSize } from '../numbers.ts';
import { openReputation, weigh } from '../rewards/reputations.ts';
import { emptyNode, type SumNode } from '../sumTree.ts';
import type { Challenge, ChallengeMethods, PostedProposal, RoundFacts, SubmissionEvidence } from './challenge.ts';
import { emptyInput, type InputOpening, openInput, submissionArgument, sumNodeArgument } from './evidence.ts';

/** Posted inputs as far as they are known. */
export interface KnownInputs {
  /** The entries of a group, fewer than 16 where only empty ones follow; undefined where its leaf is empty. */
  group(group: number): readonly RoundInput[] | undefined;
  /** Siblings of the group's leaf, from the leaf up. */
  path(group: number): SumNode[];
}

export function refuteInputs(
  method: ChallengeMethods['InputChallenges'],
  args: readonly unknown[],
  fault: string,
): Challenge {
  return { contract: 'InputChallenges', method, against: 'proposal', args, fault };
}

/** Gives the fault of an entry where all before it have none; of the place behind the last entry too. */
export function examineEntries(
  known: KnownInputs,
  posted: PostedProposal,
  facts: RoundFacts,
): (index: number) => Challenge | undefined {
  const included = [...facts.included].sort(compareAddresses);
  const submissions = new Map(facts.submissions.map((submission) => [submission.trainer.toLowerCase(), submission]));
  const omitted = new Set(facts.omitted.map((trainer) => trainer.toLowerCase()));

  return (index) => {
    const entry = entryAt(index);
    const inside = index < posted.inputCount;
    if (inside && known.group(Math.floor(index / groupSize)) === undefined) return refuteEmptyGroup(index);
    if (inside ? !isComplete(entry) : !isEmptyInput(entry)) {
      const fault = inside ? `its input ${index} is empty` : `it has inputs behind the last of ${posted.inputCount}`;
      return refuteInputs('refuteInputCount', [open(index)], fault);
    }
    if (index > posted.inputCount) return undefined;
    return (inside ? challengeEntry(index, entry) : undefined) ?? challengeMissing(index);
  };

  function challengeEntry(index: number, entry: RoundInput): Challenge | undefined {
    const { trainer } = entry;
    const submission = submissions.get(trainer.toLowerCase());
    if (submission === undefined) {
      return refuteInputs('refuteUnsubmitted', [open(index)], `${trainer} has submitted nothing to the round`);
    }
    if (!isQuoted(entry, submission, facts)) {
      const { terms, commitment, cid } = submissionArgument(submission);
      const reputation = openReputation(facts.reputations, trainer);
      const fault = `the update of ${trainer} that the proposal takes in was not submitted, or does not weigh what it must`;
      return refuteInputs('refuteMisquoted', [open(index), terms, commitment, cid, reputation], fault);
    }
    if (omitted.has(trainer.toLowerCase())) {
      const fault = `${trainer} is among the proposal's inputs and named as left out`;
      return refuteInputs('refuteIncluded', [open(index), facts.omitted], fault);
    }
    if (index > 0 && compareAddresses(entryAt(index - 1).trainer, trainer) >= 0) {
      const fault = `${trainer} is not in its place among the inputs`;
      return refuteInputs('refuteDisorder', [open(index - 1), open(index)], fault);
    }
    return undefined;
  }

  /** A trainer that must stand between the entry before and this one. */
  function challengeMissing(index: number): Challenge | undefined {
    const [before, after] = [index > 0, index < posted.inputCount];
    const missing = before ? firstAfter(included, entryAt(index - 1).trainer) : included[0];
    if (missing === undefined || (after && compareAddresses(missing, entryAt(index).trainer) >= 0)) return undefined;
    const openings = [before ? open(index - 1) : unread, after ? open(index) : unread];
    const fault = `the update of ${missing} is not among the proposal's inputs`;
    return refuteInputs('refuteMissing', [missing, index, ...openings, facts.omitted], fault);
  }

  function refuteEmptyGroup(index: number): Challenge {
    const group = Math.floor(index / groupSize);
    const args = [group, sumNodeArgument(emptyNode), known.path(group).map(sumNodeArgument)];
    return refuteInputs('refuteInputsShape', args, `its group ${group} of inputs is empty`);
  }

  function entryAt(index: number): RoundInput {
    return known.group(Math.floor(index / groupSize))?.[index % groupSize] ?? emptyInput;
  }

  function open(index: number): InputOpening {
    const group = Math.floor(index / groupSize);
    return openInput(known.group(group)!, index, known.path(group));
  }
}

/** By bisection of sorted addresses. */
function firstAfter(sorted: readonly string[], address: string): string | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareAddresses(sorted[middle]!, address) > 0) high = middle;
    else low = middle + 1;
  }
  return sorted[low];
}

/** In the place of an opening that the contract does not read. */
export const unread: InputOpening = {
  index: 0,
  trainer: emptyInput.trainer,
  updateRoot: toHex(emptyInput.updateRoot),
  weights: '0x0',
  entryPath: [],
  groupPath: [],
};

function isComplete({ trainer, updateRoot, weight }: RoundInput): boolean {
  return !isZeroAddress(trainer) && !isEmpty(updateRoot) && weight !== 0;
}

function isEmptyInput({ trainer, updateRoot, weight }: RoundInput): boolean {
  return isZeroAddress(trainer) && isEmpty(updateRoot) && weight === 0;
}

function isZeroAddress(trainer: string): boolean {
  return compareAddresses(trainer, emptyInput.trainer) === 0;
}

function isQuoted(entry: RoundInput, { trainer, weight, commitment }: SubmissionEvidence, facts: RoundFacts): boolean {
  const { chainId, federation, round } = facts;
  const quoted = commitUpdate({ chainId, federation, round, trainer }, entry.updateRoot);
  return entry.weight === weigh(facts.reputations, trainer, weight) && equalBytes(quoted, commitment);
}
