/** A trainer that was left out of a proposal proves that its update was available, where enough aggregators attest it. */
import { revertName } from '../chain/failure.ts';
import { type ProposedRound, proposedRounds, type Round } from '../chain/rounds.ts';
import { challengeOmission, type Witness } from '../core/challenges/attestations.ts';
import { askForAttestations, fetchAttestedInputs } from '../node/attestations.ts';
import { bringChallenge } from '../node/challenges.ts';
import type { Node } from '../node/node.ts';

/** Pause before the aggregators are asked again. */
const askAgainMs = 1000;

export function createOmissionWatch(node: Node): () => Promise<boolean> {
  const { federation, account } = node;
  /** When to look again at a proposal, by its id (wall clock, ms). */
  const lookAgainAt = new Map<string, number>();

  async function step(): Promise<boolean> {
    for (const round of proposedRounds(federation.state)) {
      const { omitted, id } = round.proposed;
      if (round.final || !omitted.includes(account) || !round.submissions.has(account)) continue;
      if ((lookAgainAt.get(id) ?? 0) > Date.now()) continue;
      const settled = await contest(round);
      lookAgainAt.set(id, settled ? Number.POSITIVE_INFINITY : Date.now() + askAgainMs);
    }
    return false;
  }

  /** True when there is nothing left to do. */
  async function contest(round: ProposedRound): Promise<boolean> {
    const { number, proposed } = round;
    const witnesses = await findWitnesses(round);
    if (witnesses.length < (await federation.readAttestationQuorum())) return false;
    const challenge = challengeOmission(account, proposed.omitted, witnesses);
    const disputed = { round: number, proposed, fromBlock: proposed.blockNumber };
    try {
      return (await bringChallenge(node, challenge, disputed)) !== 'waiting';
    } catch (error) {
      // aggregators have come or gone
      if (revertName(error) === undefined) throw error;
      return false;
    }
  }

  /** Those who attest inputs with this trainer's update among them, each once. */
  async function findWitnesses(round: Round): Promise<Witness[]> {
    const witnesses = new Map<string, Witness>();
    for (const attestation of await askForAttestations(node, round.number)) {
      const { signer, signature } = attestation;
      const inputs = await fetchAttestedInputs(node, round, attestation);
      const attested = inputs?.some(({ trainer }) => trainer.toLowerCase() === account.toLowerCase());
      if (inputs === undefined || !attested || !(await federation.mayAttest(signer, round.number))) continue;
      witnesses.set(signer, { signer, signature, inputs });
    }
    return [...witnesses.values()];
  }

  return step;
}
