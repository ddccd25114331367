/** Rounds that are real on chain, and proposals of them that are not right. */
import { type Aggregate, aggregate } from '../../../client/core/aggregate.ts';
import type { RoundFacts, SubmissionEvidence } from '../../../client/core/challenges/challenge.ts';
import { squaredNorm } from '../../../client/core/codec.ts';
import { fromHex, toHex } from '../../../client/core/hash.ts';
import { omittedHash } from '../../../client/core/inputs.ts';
import { createRandom, type Random } from '../../../client/core/random.ts';
import { prepareUpdate } from '../../../client/core/verify.ts';
import { parameters } from '../deployment.ts';
import type { ProposalStruct } from '../faults.ts';
import { proposalFor, proposeAs, turnHolderOf } from '../round.ts';
import { type Staged, stage } from '../stagedRound.ts';
import type { Posted } from './posted.ts';
import type { Scene } from './pursuit.ts';

export interface RoundShape {
  rule: string;
  count: number;
  dimension: number;
  /** How many of the last trainers the proposal names as left out. */
  omitted?: number;
  seed: string;
}

/** A round whose submissions are all on chain, and what its proposal must be. */
export interface RealRound {
  staged: Staged;
  right: Aggregate;
  facts: RoundFacts;
}

/** Its window is closed long since: any aggregator may propose, and leave out whom it likes. */
export async function playReal({ rule, count, dimension, omitted = 0, seed }: RoundShape): Promise<RealRound> {
  const random = createRandom(seed);
  const falsify = ({ trainer }: { trainer: string }) =>
    prepareUpdate(
      trainer,
      arbitraryWeight(random),
      Int16Array.from({ length: dimension }, () => arbitraryValue(random)),
    );
  const staged = await stage({ rule, count, dimension, falsify });
  const included = staged.updates.slice(0, count - omitted);
  const right = aggregate(staged.right.rule, staged.base, included);
  const { chainId } = await staged.ethers.provider.getNetwork();
  const facts: RoundFacts = {
    chainId,
    federation: await staged.federation.getAddress(),
    round: 1,
    submissions: staged.updates.map((_, index) => evidenceOf(staged, index)),
    included: included.map(({ trainer }) => trainer),
    omitted: staged.updates.slice(count - omitted).map(({ trainer }) => trainer),
    reputations: undefined,
  };
  await staged.time.increase(parameters.submissionSeconds + 3 * parameters.turnSeconds);
  return { staged, right, facts };
}

/** What a trainer submitted. */
export function evidenceOf({ updates, submissions }: Staged, index: number): SubmissionEvidence {
  const { trainer, terms, commitment, cid } = submissions[index]!;
  const { values, weight } = updates[index]!;
  return {
    trainer,
    terms,
    squaredNorm: squaredNorm(values),
    weight,
    commitment: fromHex(commitment),
    cid: fromHex(cid),
  };
}

/** Ties, extremes and small numbers are all likely. */
function arbitraryValue(random: Random): number {
  const kind = random.below(8);
  if (kind === 0) return random.below(2) === 0 ? -32_768 : 32_767;
  if (kind <= 2) return random.below(5) - 2;
  return random.below(65_536) - 32_768;
}

function arbitraryWeight(random: Random): number {
  return random.below(4) === 0 ? [1, 65_535][random.below(2)]! : 1 + random.below(65_535);
}

/** Puts it on chain. Errors: the contract's revert. */
export async function propose(real: RealRound, posted: Posted): Promise<Scene> {
  const { staged, facts } = real;
  const { federation, aggregators } = staged;
  const { terms } = posted;
  const proposal: ProposalStruct = {
    ...(await proposalFor(federation, terms.inputCount)),
    totalWeight: BigInt(terms.totalWeight),
    modelRoot: toHex(terms.modelRoot),
    inputsRoot: toHex(terms.inputsRoot),
    columnsRoot: toHex(terms.columnsRoot),
    omittedHash: toHex(omittedHash(facts.omitted)),
  };
  const proposer = await turnHolderOf(federation, aggregators);
  await proposeAs(federation, proposer, proposal, aggregators, [...facts.omitted]);
  return { ...real, proposal, posted };
}
