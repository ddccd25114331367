/** A statement of rewards that was made, settled again: from the chain, the inputs of its round, and the scores that count. */
import { isProposed, type ProposedRound } from '../../chain/rounds.ts';
import type { StatedRewards } from '../../chain/statedRewards.ts';
import { invariant } from '../../core/errors.ts';
import type { InputsTree } from '../../core/inputs.ts';
import { isSameStatement } from '../../core/rewards/statement.ts';
import type { Participant } from '../participant.ts';
import { inputTrainers } from './rewardInputs.ts';
import { readCountedScores, type ScoresReader, type SettledRound, settle, statedRound } from './settlement.ts';

export interface Resettled extends SettledRound {
  round: ProposedRound;
  /** It states what it must. */
  right: boolean;
}

/** Errors: those of `readInputs`, `readCountedScores`, `settle` and `Ledger.before`. */
export async function resettle(
  node: Participant,
  stated: StatedRewards,
  readScores: ScoresReader,
  readInputs: (round: ProposedRound) => Promise<InputsTree>,
): Promise<Resettled> {
  const round = node.federation.state.rounds.get(stated.round);
  invariant(isProposed(round), `The rewards of round ${stated.round} were stated without its proposal`);
  const trainers = await inputTrainers(round, () => readInputs(round));
  const given = statedRound(
    stated,
    trainers.map((trainer, inputIndex) => ({ trainer, inputIndex })),
  );
  const scores = await readCountedScores(node, given, readScores);
  const previous = node.ledger.before(stated.round);
  const settled = await settle(node, given, previous, node.rewardParametersOf(stated.round), scores);
  return { ...settled, round, right: isSameStatement(settled.settlement.statement, stated.statement) };
}
