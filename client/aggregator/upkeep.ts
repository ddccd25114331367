/** What keeps rounds going besides proposing: finality, giving up what is hopeless, not waiting for who is gone. */
import { revertName, unlessRefused } from '../chain/failure.ts';
import { proposedRounds, type Round } from '../chain/rounds.ts';
import { callFederation, type Node } from '../node/node.ts';
import { createForgetter } from '../node/updates.ts';

/** What the chain answers to a finalisation where its clock is behind ours, or another was faster. */
const overtaken = ['ChallengeWindowOpen', 'NotNextToFinalize'];

export interface Upkeep {
  finalizeWhatStood(): Promise<void>;
  reportAbsentTrainers(open: Round): Promise<void>;
  skipIfHopeless(round: Round): Promise<void>;
  forgetOldUpdates(): Promise<void>;
}

export function createUpkeep(node: Node): Upkeep {
  const { federation, account, parameters, report } = node;

  /** Long after the deadline nobody could propose: the round is given up, another starts from the same model. */
  async function skipIfHopeless(round: Round): Promise<void> {
    const giveUpAt = round.submissionDeadline + parameters().submissionSeconds + 2 * parameters().turnSeconds;
    if (federation.chainTime() < giveUpAt) return;
    await callFederation(node, `skipping round ${round.number}`, 'skipRound', [round.number]);
  }

  async function finalizeWhatStood(): Promise<void> {
    const { finalRound } = federation.state;
    const next = proposedRounds(federation.state).find(({ number }) => number > finalRound);
    if (next === undefined) return;
    // its proposer first: the others need not pay for a transaction that fails
    const patience = next.proposed.proposer === account ? 0 : parameters().turnSeconds;
    if (federation.chainTime() < next.proposed.closesAt + patience) return;
    const step = `finalising round ${next.number}`;
    const receipt = await unlessRefused(overtaken, () => callFederation(node, step, 'finalizeRound', [next.number]));
    if (receipt === undefined) return;
    report({ event: 'finalized', round: next.number, gas: Number(receipt.gasUsed) });
  }

  /** Rounds should not wait for those who are gone. Its proposer looks after each round; the gas is its own. */
  async function reportAbsentTrainers(open: Round): Promise<void> {
    const missed = federation.state.rounds.get(open.baseRound);
    if (missed?.proposed?.proposer !== account) return;
    for (const [trainer, fromRound] of federation.state.trainers) {
      if (fromRound > missed.number || missed.submissions.has(trainer) || open.submissions.has(trainer)) continue;
      try {
        await callFederation(node, `reporting the absence of ${trainer}`, 'reportAbsence', [trainer]);
      } catch (error) {
        // it has submitted or left meanwhile, or another was faster
        if (revertName(error) === undefined) throw error;
      }
    }
  }

  return { finalizeWhatStood, reportAbsentTrainers, skipIfHopeless, forgetOldUpdates: createForgetter(node) };
}
