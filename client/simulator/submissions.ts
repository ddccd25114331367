/** What trainers of a simulation submit, and who finds the copies among it. */

import { packTerms } from '../chain/updateTerms.ts';
import type { SubmissionEvidence } from '../core/challenges/challenge.ts';
import { challengeCopy } from '../core/challenges/trainer.ts';
import { squaredNorm } from '../core/codec.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import { commitUpdate } from '../core/commitment.ts';
import { keccak256, toHex } from '../core/hash.ts';
import { prepareUpdate } from '../core/verify.ts';
import { bring } from './bring.ts';
import { type Member, ringSize, type SimulatedFederation } from './federation.ts';

export interface Submitted {
  update: VerifiedUpdate;
  evidence: SubmissionEvidence;
}

export interface Submissions {
  /** Submits an update; once all are in, copies are looked for. */
  submit(round: number, member: Member, values: Int16Array, weight: number): Promise<void>;
  /** Slashes who submitted what was submitted to an earlier round, and names them. */
  findCopies(round: number, watchtower: Member | undefined): Promise<string[]>;
  /** Of the round, without the copies that were found. */
  countingOf(round: number): readonly Submitted[];
}

export function createSubmissions(federation: SimulatedFederation): Submissions {
  const { chain, contracts, dimension } = federation;
  const { Federation: contract } = contracts;
  const submissions = new Map<number, Submitted[]>();

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

  return { submit, findCopies, countingOf: (round) => submissions.get(round) ?? [] };
}
