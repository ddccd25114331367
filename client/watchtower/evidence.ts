/** What the chain says of a round, as evidence is built from it. */
import type { ProposedRound, Round, Submission } from '../chain/rounds.ts';
import { packTerms } from '../chain/updateTerms.ts';
import type { RoundFacts, SubmissionEvidence } from '../core/challenges/challenge.ts';
import type { RoundInput } from '../core/inputs.ts';
import type { Reputations } from '../core/rewards/reputations.ts';
import type { Participant } from '../participant/participant.ts';
import { bindingOf } from '../participant/rounds/updates.ts';

export function submissionEvidence({ number }: Round, submission: Submission): SubmissionEvidence {
  const { trainer, squaredNorm, weight, commitment, cid } = submission;
  const terms = packTerms({ round: number, squaredNorm, weight });
  return { trainer, terms, squaredNorm, weight, commitment, cid };
}

/** `inputs` are those that the proposal has to take in. */
export function factsOf(
  node: Pick<Participant, 'addresses'>,
  round: ProposedRound,
  inputs: readonly RoundInput[],
  reputations: Reputations | undefined,
): RoundFacts {
  const { omitted } = round.proposed;
  const included = inputs.map(({ trainer }) => trainer);
  const submissions = [...round.submissions.values()].map((submission) => submissionEvidence(round, submission));
  return { ...bindingOf(node), round: round.number, submissions, omitted, included, reputations };
}
