/** The rounds of a simulation on the chain: updates, the aggregate, and whoever finds what is wrong with it. */

import { type Aggregate, aggregate } from '../core/aggregate.ts';
import { challengeInputsList } from '../core/challenges/inputs.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import { invariant } from '../core/errors.ts';
import { fromHex, type Hash, toHex } from '../core/hash.ts';
import type { Balances } from '../core/rewards/balances.ts';
import { createReputations, type Reputations, readReputations, weigh } from '../core/rewards/reputations.ts';
import { bring } from './bring.ts';
import { eventsOf, type Member, type SimulatedFederation, timing } from './federation.ts';
import { attestationsOf, type OpenRound, proposalOf } from './proposal.ts';
import { createSubmissions, type Submissions, type Submitted } from './submissions.ts';

/** No block is named in which submissions were read: this chain takes none back. */
const nowhere = { number: 0, hash: toHex(new Uint8Array(32)) };

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

export interface Rounds extends Pick<Submissions, 'submit' | 'findCopies'> {
  open(): Promise<OpenRound>;
  /** Aggregates what counts, and proposes it; a proposal that is refuted is made again by another. */
  propose(open: OpenRound, base: Int32Array, omits: OmissionOf, watchtower: Member | undefined): Promise<ProposedRound>;
  /** Lets the window pass. */
  finalize(round: number): Promise<void>;
}

/** The final balances of rewards, and the place of an account in them. */
export interface Ledger {
  final(): Balances;
  placeOf(account: string): number | undefined;
}

/** The trainer that an aggregator leaves out though it has submitted, or undefined. */
export type OmissionOf = (aggregator: string) => string | undefined;

export function createRounds(federation: SimulatedFederation, ledger: Ledger): Rounds {
  const { chain, contracts } = federation;
  const { Federation: contract } = contracts;
  const { submit, findCopies, countingOf } = createSubmissions(federation);
  /** What weighs the inputs of the open round: its word, and what that names. */
  let word: Hash = new Uint8Array(32);
  let reputations: Reputations | undefined;

  async function open(): Promise<OpenRound> {
    const [clock] = await chain.read(contract, 'clock');
    return { round: Number(clock.round), baseRound: Number(clock.baseRound) };
  }

  async function propose(
    opened: OpenRound,
    base: Int32Array,
    omits: OmissionOf,
    watchtower: Member | undefined,
  ): Promise<ProposedRound> {
    const submitted = countingOf(opened.round);
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
    const proposal = await proposalOf(federation, opened, right.commitment, word);
    const attestations = await attestationsOf(federation, opened.round, String(proposer).toLowerCase());
    const args = [proposal, [], attestations, nowhere];
    const logs = await federation.send(proposer, contract, 'proposeAggregate', args);
    if (omitted !== undefined && watchtower !== undefined) {
      await refuteOmission(opened.round, proposal, right, submitted, watchtower);
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

  async function refuteOmission(
    round: number,
    proposal: ProposedRound['proposal'],
    { commitment, inputsTree }: Aggregate,
    submitted: readonly Submitted[],
    watchtower: Member,
  ): Promise<void> {
    const challenge = challengeInputsList(inputsTree.inputs, commitment, {
      chainId: chain.chainId,
      federation: contract.address,
      round,
      submissions: submitted.map(({ evidence }) => evidence),
      included: submitted.map(({ evidence }) => evidence.trainer),
      omitted: [],
      reputations,
    });
    invariant(challenge !== undefined, 'An aggregate without a submission was not found wrong');
    await bring(federation, watchtower, round, challenge, [contract.address, proposal]);
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
