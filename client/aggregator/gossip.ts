/** Aggregators ask electors what they attest of the rounds in flight, so that two attestations of one signer meet. */
import { proposedRounds } from '../chain/rounds.ts';
import type { Participant } from '../participant/participant.ts';
import type { AttestationBook } from '../participant/rounds/attestationBook.ts';
import { askForAttestations } from '../participant/rounds/attestations.ts';

/** Rounds after their finality for which attestations are still served. */
const servedFinalRounds = 8;

/** Asks when a round has been proposed, and again in the middle of its window, when all have attested. */
export function createGossip(node: Participant, book: AttestationBook): () => Promise<boolean> {
  const { federation, parameters } = node;
  const asked = new Map<number, number>();

  return async () => {
    for (const { number, final, proposed } of proposedRounds(federation.state)) {
      const times = asked.get(number) ?? 0;
      const middle = proposed.closesAt - parameters().challengeSeconds / 2;
      if (final || times > 1 || (times === 1 && federation.chainTime() < middle)) continue;
      book.learn(number, await askForAttestations(node, number));
      asked.set(number, times + 1);
    }
    book.forgetBefore(federation.state.finalRound - servedFinalRounds);
    return false;
  };
}
