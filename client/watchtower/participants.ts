/**
 * What single participants do wrong: a trainer that lies about its norm or submits what another has submitted before, an elector that
 * signs two inputs for one edition of a round. Whoever is first proves it.
 */
import { revertName } from '../chain/failure.ts';
import type { Round } from '../chain/rounds.ts';
import { challengeSignatures } from '../core/challenges/attestations.ts';
import type { Challenge } from '../core/challenges/challenge.ts';
import { challengeCopy, challengeUpdate } from '../core/challenges/trainer.ts';
import { equalBytes, type Hash, toHex } from '../core/hash.ts';
import { bringChallenge } from '../participant/disputes/challenges.ts';
import type { Participant } from '../participant/participant.ts';
import { askForAttestations } from '../participant/rounds/attestations.ts';
import { bindingOf, type Updates } from '../participant/rounds/updates.ts';
import { submissionEvidence } from './evidence.ts';
import { publishedInputs } from './published.ts';

export interface Participants {
  /** Brings what is to be brought against those who took part in a round. */
  examine(round: Round, updates: Updates): Promise<void>;
  /** The same for what electors have signed of it, which they may do as long as it is not final. */
  examineSignatures(round: Round): Promise<void>;
}

/** How often electors are asked what they have signed of a round. */
const askEveryMs = 1000;

export function createParticipants(node: Participant): Participants {
  const { federation, task } = node;
  /** Where an update was submitted first, by its root. */
  const origins = new Map<string, { round: Round; trainer: string }>();
  const remembered = new Set<number>();
  const askAgainAt = new Map<number, number>();
  /** What has been decided, or is no fault after all. */
  const settled = new Set<string>();

  async function examine(round: Round, updates: Updates): Promise<void> {
    await rememberEarlierRounds(round);
    for (const [trainer, bytes] of updates.rejected) {
      await bring(round, `update of ${trainer}`, () => {
        const evidence = submissionEvidence(round, round.submissions.get(trainer)!);
        return challengeUpdate(bytes, task.dimension, { ...bindingOf(node), round: round.number, trainer }, evidence);
      });
    }
    for (const [trainer, { updateRoot }] of updates.verified) await examineOrigin(round, trainer, updateRoot);
  }

  async function examineOrigin(round: Round, trainer: string, updateRoot: Hash): Promise<void> {
    const origin = origins.get(toHex(updateRoot));
    if (origin === undefined) origins.set(toHex(updateRoot), { round, trainer });
    else if (origin.round.number < round.number) {
      await bring(round, `origin of ${trainer}`, () => {
        const [original, copy] = [origin.round.submissions.get(origin.trainer)!, round.submissions.get(trainer)!];
        return challengeCopy(
          task.dimension,
          submissionEvidence(origin.round, original),
          submissionEvidence(round, copy),
          updateRoot,
        );
      });
    }
  }

  /** A watchtower that has just started knows the updates of earlier rounds from the lists of their inputs. */
  async function rememberEarlierRounds({ number }: Round): Promise<void> {
    for (const round of federation.state.rounds.values()) {
      const { proposed } = round;
      const inRing = round.number < number && round.number > number - task.ringSize;
      if (!inRing || proposed === undefined || remembered.has(round.number)) continue;
      remembered.add(round.number);
      const known = [...origins.values()].some((origin) => origin.round.number === round.number);
      if (known) continue;
      const inputs = (await publishedInputs(node, { ...round, proposed })) ?? [];
      for (const { trainer, updateRoot } of inputs) {
        const submitter = [...round.submissions.keys()].find((account) => account.toLowerCase() === trainer);
        const key = toHex(updateRoot);
        if (submitter !== undefined && !origins.has(key)) origins.set(key, { round, trainer: submitter });
      }
    }
  }

  async function examineSignatures(round: Round): Promise<void> {
    if (Date.now() < (askAgainAt.get(round.number) ?? 0)) return;
    askAgainAt.set(round.number, Date.now() + Math.min(askEveryMs, node.options.pollMs));
    const attestations = await askForAttestations(node, round.number);
    for (const attestation of attestations) {
      const { signer, edition } = attestation;
      const other = attestations.find(
        (second) =>
          second.signer === signer &&
          second.edition === edition &&
          !equalBytes(second.inputsRoot, attestation.inputsRoot),
      );
      if (other === undefined) continue;
      await bring(round, `signatures of ${signer}`, () =>
        challengeSignatures(round.number, edition, attestation, other),
      );
    }
  }

  async function bring(round: Round, subject: string, build: () => Challenge | undefined): Promise<void> {
    const key = `round ${round.number}: ${subject}`;
    if (settled.has(key)) return;
    const challenge = build();
    try {
      const fromBlock = round.openedBlock;
      const outcome =
        challenge === undefined
          ? 'overtaken'
          : await bringChallenge(node, challenge, { round: round.number, fromBlock });
      if (outcome !== 'waiting') settled.add(key);
    } catch (error) {
      // evidence that does not hold will not hold later
      if (revertName(error) === undefined) throw error;
      settled.add(key);
      throw error;
    }
    await federation.sync();
  }

  return { examine, examineSignatures };
}
