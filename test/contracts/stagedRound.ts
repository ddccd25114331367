/** A round that is real on chain: trainers submit what core commits to, and core aggregates it. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { id } from 'ethers';
import { type Aggregate, aggregate } from '../../client/core/aggregate.ts';
import { squaredNorm } from '../../client/core/codec.ts';
import type { VerifiedUpdate } from '../../client/core/columns.ts';
import { buildModelTree, commitUpdate } from '../../client/core/commitment.ts';
import { toHex } from '../../client/core/hash.ts';
import { omittedHash } from '../../client/core/inputs.ts';
import { merkleRoot } from '../../client/core/merkle.ts';
import { createRandom } from '../../client/core/random.ts';
import { parseRule } from '../../client/core/rules/parseRule.ts';
import { prepareUpdate } from '../../client/core/verify.ts';
import {
  bond,
  deploy,
  type Founded,
  joinAsAggregator,
  parameters,
  type rewardParameters,
  trainerStakeWei,
} from './deployment.ts';
import type { ProposalStruct } from './faults.ts';
import { packTerms, proposalFor, proposeAs, turnHolderOf } from './round.ts';

export interface Staged extends Founded {
  base: Int32Array;
  /** By ascending trainer, as `trainers` are. */
  updates: VerifiedUpdate[];
  /** What each trainer submitted. */
  submissions: { trainer: string; terms: bigint; commitment: string; cid: string }[];
  right: Aggregate;
  /** Electors of the round, as the aggregators are. */
  evaluators: HardhatEthersSigner[];
}

export const ruleNumbers = { mean: 0, median: 1, trimmedMean: 2 };

const random = createRandom('staged round');

function randomUpdate(trainer: string, dimension: number, weight = 1 + random.below(65_535)): VerifiedUpdate {
  const values = Int16Array.from({ length: dimension }, () => random.below(65_536) - 32_768);
  return prepareUpdate(trainer, weight, values);
}

/** Accounts of their own, by ascending address. */
async function createTrainers({ ethers, networkHelpers }: Awaited<ReturnType<typeof deploy>>, count: number) {
  const addresses = Array.from({ length: count }, (_, i) => ethers.getAddress(id(`trainer ${i}`).slice(0, 42)));
  addresses.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  for (const address of addresses) await networkHelpers.setBalance(address, 10n ** 18n);
  return await Promise.all(addresses.map((address) => ethers.getImpersonatedSigner(address)));
}

/** Submits the update, which may be false, with the norm that is claimed for it. */
export async function submitVerified(
  { federation, ethers }: Founded,
  trainer: HardhatEthersSigner,
  update: VerifiedUpdate,
  round: number,
  claimedNorm = squaredNorm(update.values),
) {
  const { chainId } = await ethers.provider.getNetwork();
  const context = { chainId, federation: await federation.getAddress(), round, trainer: trainer.address };
  const submission = {
    trainer: trainer.address,
    terms: packTerms(round, claimedNorm, update.weight),
    commitment: toHex(commitUpdate(context, update.updateRoot)),
    cid: id(`cid ${trainer.address} ${round}`),
  };
  await federation.connect(trainer).submitUpdate(submission.terms, submission.commitment, submission.cid);
  return submission;
}

/** Round 1, to which all have submitted. */
export async function stage(options: {
  rule?: string;
  count?: number;
  dimension?: number;
  aggregators?: number;
  /** Of every update; random unless given. */
  weight?: number;
  /** Replaces what a trainer commits to. */
  falsify?: (update: VerifiedUpdate, index: number) => VerifiedUpdate;
  /** Added to the squared norm that the second trainer claims. */
  normLie?: number;
  reputationFloorBasisPoints?: number;
  rewards?: Partial<typeof rewardParameters>;
  /** Trainers have their stake, and the round is about to open: answers who evaluates it. */
  convene?: (founded: Founded) => Promise<HardhatEthersSigner[]>;
}): Promise<Staged> {
  const {
    count = 3,
    dimension = 200,
    aggregators: aggregatorCount = 3,
    falsify = (update) => update,
    normLie = 0,
  } = options;
  const rule = parseRule(options.rule ?? 'mean');
  const base = Int32Array.from({ length: dimension }, () => random.uint32() | 0);
  const deployment = await deploy({
    task: {
      genesisModelRoot: toHex(merkleRoot(buildModelTree(base))),
      dimension: BigInt(dimension),
      startTrainers: count,
    },
    parameters: {
      minimumUpdates: 1,
      maxWeight: 65_535,
      maxSquaredNorm: 2n ** 53n - 1n,
      rule: ruleNumbers[rule.name],
      trimBasisPoints: rule.trimBasisPoints,
      reputationFloorBasisPoints: options.reputationFloorBasisPoints ?? parameters.reputationFloorBasisPoints,
    },
    rewards: options.rewards ?? {},
  });
  const aggregators = deployment.accounts.slice(1, 1 + aggregatorCount);
  await joinAsAggregator(deployment, ...aggregators);
  const trainers = await createTrainers(deployment, count);
  for (const trainer of trainers) await bond(deployment, trainer, trainerStakeWei);
  const founded = { ...deployment, trainers, aggregators, stranger: deployment.accounts[1 + aggregatorCount]! };
  const evaluators = (await options.convene?.(founded)) ?? [];
  for (const trainer of trainers) await deployment.federation.connect(trainer).joinAsTrainer();
  const updates = trainers.map(({ address }, index) =>
    falsify(randomUpdate(address, dimension, options.weight), index),
  );
  const submissions: Staged['submissions'] = [];
  for (const [index, trainer] of trainers.entries()) {
    submissions.push(
      await submitVerified(
        founded,
        trainer,
        updates[index]!,
        1,
        squaredNorm(updates[index]!.values) + (index === 1 ? normLie : 0),
      ),
    );
  }
  return {
    ...founded,
    evaluators,
    base,
    updates,
    submissions,
    right: aggregate(
      rule,
      base,
      updates.map((update) => ({ ...update, values: update.values.subarray(0, dimension) })),
    ),
  };
}

/** The proposal that the right aggregate makes. */
export async function rightProposal({ federation, right }: Staged): Promise<ProposalStruct> {
  const { commitment } = right;
  return {
    ...(await proposalFor(federation, commitment.inputCount)),
    totalWeight: BigInt(commitment.totalWeight),
    modelRoot: toHex(commitment.modelRoot),
    inputsRoot: toHex(commitment.inputsRoot),
    columnsRoot: toHex(commitment.columnsRoot),
  };
}

/** Proposes it, changed, as attested by the electors. */
export async function proposeStaged(
  staged: Staged,
  changes: Partial<ProposalStruct> = {},
  omitted: string[] = [],
): Promise<ProposalStruct> {
  const { federation, aggregators, evaluators } = staged;
  const proposal = { ...(await rightProposal(staged)), ...changes };
  const proposer = await turnHolderOf(federation, aggregators);
  await proposeAs(federation, proposer, proposal, [...aggregators, ...evaluators], omitted);
  return proposal;
}

/** Proposes it after the deadline, with trainers left out. */
export async function omitAndPropose(
  staged: Staged,
  omitted: string[],
  changes: Partial<ProposalStruct>,
): Promise<ProposalStruct> {
  await staged.time.increase(parameters.submissionSeconds);
  return await proposeStaged(staged, { ...changes, omittedHash: toHex(omittedHash(omitted)) }, omitted);
}
