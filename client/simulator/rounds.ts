/** The rounds of a simulation on the chain: updates, the aggregate, and whoever finds what is wrong with them. */

import { AbiCoder } from 'ethers';
import { packTerms } from '../chain/updateTerms.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { type AggregateCommitment, aggregate } from '../core/aggregate.ts';
import type { Challenge, RewardChallenge, SubmissionEvidence } from '../core/challenges/challenge.ts';
import { challengeInputsList } from '../core/challenges/inputs.ts';
import { challengeCopy } from '../core/challenges/trainer.ts';
import { squaredNorm } from '../core/codec.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import { commitUpdate } from '../core/commitment.ts';
import { invariant } from '../core/errors.ts';
import { fromHex, type Hash, keccak256, toHex } from '../core/hash.ts';
import { createReputations, type Reputations, readReputations, weigh } from '../core/rewards/reputations.ts';
import { prepareUpdate } from '../core/verify.ts';
import { eventsOf, type Member, ringSize, type SimulatedFederation, timing } from './federation.ts';
import type { Rewards } from './rewards.ts';

/** No block is named in which submissions were read: this chain takes none back. */
const nowhere = { number: 0, hash: toHex(new Uint8Array(32)) };

export interface OpenRound {
  round: number;
  baseRound: number;
}

export interface ProposedRound extends OpenRound {
  proposal: Record<string, unknown>;
  /** Address of its proposer. */
  proposer: string;
  proposedAt: number;
  /** The next model, [d]. */
  model: Int32Array;
  /** What it was made from, by ascending address. */
  inputs: readonly VerifiedUpdate[];
}

interface Submitted {
  update: VerifiedUpdate;
  evidence: SubmissionEvidence;
}

export interface Rounds {
  open(): Promise<OpenRound>;
  /** Submits an update; once all are in, copies are looked for. */
  submit(round: number, member: Member, values: Int16Array, weight: number): Promise<void>;
  /** Slashes who submitted what was submitted to an earlier round, and names them. */
  findCopies(round: number, watchtower: Member | undefined): Promise<string[]>;
  /** Aggregates what counts, and proposes it; a proposal that is refuted is made again by another. */
  propose(open: OpenRound, base: Int32Array, omits: OmissionOf, watchtower: Member | undefined): Promise<ProposedRound>;
  /** Lets the window pass. */
  finalize(round: number): Promise<void>;
}

/** The trainer that an aggregator leaves out though it has submitted, or undefined. */
export type OmissionOf = (aggregator: string) => string | undefined;

/** `ledger` holds the final balances of rewards. */
export function createRounds(federation: SimulatedFederation, ledger: Pick<Rewards, 'final' | 'placeOf'>): Rounds {
  const { chain, contracts, dimension } = federation;
  const { Federation: contract } = contracts;
  const submissions = new Map<number, Submitted[]>();
  /** What weighs the inputs of the open round: its word, and what that names. */
  let word: Hash = new Uint8Array(32);
  let reputations: Reputations | undefined;

  async function open(): Promise<OpenRound> {
    const [clock] = await chain.read(contract, 'clock');
    return { round: Number(clock.round), baseRound: Number(clock.baseRound) };
  }

  async function submit(round: number, { address }: Member, values: Int16Array, weight: number): Promise<void> {
    const update = prepareUpdate(address, weight, values);
    const context = { chainId: chain.chainId, federation: contract.address, round, trainer: address };
    const norm = squaredNorm(values);
    const evidence = {
      trainer: address,
      terms: packTerms({ round, squaredNorm: norm, weight }),
      squaredNorm: norm,
      weight,
      commitment: commitUpdate(context, update.updateRoot),
      cid: keccak256(update.updateRoot),
    };
    const { terms, commitment, cid } = evidence;
    await federation.send(address, contract, 'submitUpdate', [terms, toHex(commitment), toHex(cid)]);
    submissions.set(round, [...(submissions.get(round) ?? []), { update, evidence }]);
    // the chain forgets what is older than its ring
    submissions.delete(round - ringSize + 1);
  }

  async function findCopies(round: number, watchtower: Member | undefined): Promise<string[]> {
    const slashed: string[] = [];
    if (watchtower === undefined) return slashed;
    const earlier = new Map<string, Submitted>();
    for (const [number, list] of submissions)
      if (number < round) for (const one of list) earlier.set(toHex(one.update.updateRoot), one);
    for (const copy of submissions.get(round) ?? []) {
      const original = earlier.get(toHex(copy.update.updateRoot));
      if (original === undefined) continue;
      const challenge = challengeCopy(dimension, original.evidence, copy.evidence, copy.update.updateRoot);
      if (challenge === undefined) continue;
      await bring(federation, watchtower, round, challenge, [contract.address]);
      slashed.push(copy.evidence.trainer);
    }
    const counting = (submissions.get(round) ?? []).filter(({ evidence }) => !slashed.includes(evidence.trainer));
    submissions.set(round, counting);
    return slashed;
  }

  async function propose(
    opened: OpenRound,
    base: Int32Array,
    omits: OmissionOf,
    watchtower: Member | undefined,
  ): Promise<ProposedRound> {
    const submitted = submissions.get(opened.round)!;
    const [proposer] = await chain.read(contract, 'turnHolder');
    const omitted = omits(String(proposer).toLowerCase());
    const weighed = submitted.map(({ update }) => {
      const { trainer, weight } = update;
      return { ...update, weight: weigh(reputations, trainer, weight) };
    });
    const inputs = weighed.filter(({ trainer }) => trainer !== omitted);
    // before the deadline all must be in
    if (omitted !== undefined) await chain.passSeconds(timing.submissionSeconds);
    const right = aggregate(federation.rule, base, inputs);
    const proposal = await proposalOf(opened, right.commitment);
    const args = [proposal, [], await attestationsOf(opened.round, String(proposer).toLowerCase()), nowhere];
    const logs = await federation.send(proposer, contract, 'proposeAggregate', args);
    if (omitted !== undefined && watchtower !== undefined) {
      const list = right.inputsTree.inputs;
      const facts = {
        chainId: chain.chainId,
        federation: contract.address,
        round: opened.round,
        submissions: submitted.map(({ evidence }) => evidence),
        included: submitted.map(({ evidence }) => evidence.trainer),
        omitted: [],
        reputations,
      };
      const challenge = challengeInputsList(list, right.commitment, facts);
      invariant(challenge !== undefined, 'An aggregate without a submission was not found wrong');
      await bring(federation, watchtower, opened.round, challenge, [contract.address, proposal]);
      return await propose(opened, base, omits, watchtower);
    }
    const [proposed] = eventsOf(logs, contract, 'AggregateProposed');
    word = fromHex(proposed!.nextReputations as string);
    const named = readReputations(word);
    reputations = named && createReputations(named.floorBasisPoints, ledger.final(), ledger.placeOf);
    const [record] = await chain.read(contract, 'proposalOf', [opened.round]);
    return {
      ...opened,
      proposal,
      proposer: String(proposer).toLowerCase(),
      proposedAt: Number(record.proposedAt),
      model: right.model,
      inputs: right.updates,
    };
  }

  /** Of all electors but the proposer, whatever they think of it: what is wrong is to be found by others. */
  async function attestationsOf(round: number, proposer: string) {
    const others = federation.electors.filter((elector) => elector !== proposer).sort();
    const weights = await Promise.all(others.map((elector) => chain.read(contract, 'electorWeight', [elector, round])));
    return others.filter((_, index) => weights[index]![0] > 0n).map((signer) => ({ signer, signature: '0x' }));
  }

  async function proposalOf({ round, baseRound }: OpenRound, commitment: AggregateCommitment) {
    const [clock] = await chain.read(contract, 'clock');
    const [base] =
      baseRound === 0 ? await chain.read(contract, 'task') : await chain.read(contract, 'proposalOf', [baseRound]);
    return {
      round,
      baseRound,
      inputCount: commitment.inputCount,
      totalWeight: commitment.totalWeight,
      rule: clock.rule,
      trimBasisPoints: clock.trimBasisPoints,
      baseModelRoot: baseRound === 0 ? base.genesisModelRoot : base.modelRoot,
      modelRoot: toHex(commitment.modelRoot),
      modelCid: toHex(keccak256(commitment.modelRoot)),
      inputsCid: toHex(keccak256(commitment.inputsRoot)),
      inputsRoot: toHex(commitment.inputsRoot),
      columnsRoot: toHex(commitment.columnsRoot),
      omittedHash: toHex(new Uint8Array(32)),
      reputations: toHex(word),
    };
  }

  return {
    open,
    submit,
    findCopies,
    propose,
    finalize: async (round) => {
      await chain.passSeconds(timing.challengeSeconds);
      await federation.send(await chain.account('founder'), contract, 'finalizeRound', [round]);
    },
  };
}

/** Announces a challenge, so that its sender is paid, and sends it. */
export async function bring(
  federation: SimulatedFederation,
  watchtower: Member,
  round: number,
  challenge: Challenge | RewardChallenge,
  against: readonly unknown[],
): Promise<void> {
  const contract = federation.contracts[challenge.contract];
  const data = contractInterface(contract.name).encodeFunctionData(challenge.method, [...against, ...challenge.args]);
  const words = [watchtower.address, toHex(keccak256(fromHex(data)))];
  const announcement = keccak256(fromHex(AbiCoder.defaultAbiCoder().encode(['address', 'bytes32'], words)));
  const rounds = federation.contracts.Federation.address;
  await federation.send(watchtower.address, contract, 'announceChallenge', [rounds, round, toHex(announcement)]);
  await federation.sendData(watchtower.address, contract, data);
}
