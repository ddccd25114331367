/** What the rewards of a final round are settled from: who took part in it, and what there is to pay. */
import { explainChainFailure } from '../../chain/failure.ts';
import { scoresSettledAt } from '../../chain/parameters.ts';
import { tipOf } from '../../chain/rewardState.ts';
import { scoringOf } from '../../chain/rewards.ts';
import type { ProposedRound } from '../../chain/rounds.ts';
import { TributaryError } from '../../core/errors.ts';
import { compareAddresses, type InputsTree } from '../../core/inputs.ts';
import type { Participant } from '../participant.ts';
import { fetchInputsList } from '../rounds/inputsList.ts';
import type { RewardedRound } from './settlement.ts';

/** Sorted by address. Errors: those of `readInputs`, where the chain alone does not tell. */
export async function inputTrainers(
  { proposed }: ProposedRound,
  readInputs: () => Promise<InputsTree>,
): Promise<string[]> {
  const { included, proposal } = proposed;
  // else it took in a submission that was proven false when it was proposed already
  if (included.length === proposal.inputCount) return [...included].sort(compareAddresses);
  return (await readInputs()).inputs.map(({ trainer }) => trainer);
}

/** The inputs as its proposer, or another aggregator, serves them, and right. Errors: BLOB_UNAVAILABLE (retryable). */
export async function readInputs(node: Participant, { number, proposed }: ProposedRound): Promise<InputsTree> {
  const served = await fetchInputsList(node, proposed.proposal, [proposed.proposer]);
  if (served?.committed !== undefined) return served.committed;
  const message = `The inputs of round ${number} are not served, or not those that its proposal commits to.`;
  throw new TributaryError('BLOB_UNAVAILABLE', message, { retryable: true });
}

/** A round that no statement has been made of. Errors: those of `readInputs`; CHAIN_UNREACHABLE. */
export async function readUnstated(node: Participant, round: ProposedRound): Promise<RewardedRound> {
  const { rewards } = node;
  const trainers = await inputTrainers(round, () => readInputs(node, round));
  const settledAt = scoresSettledAt(node.rewardParametersOf(round.number), round.proposed.proposedAt);
  const [fundedGwei, { allocatedGwei }] = await Promise.all([
    rewards.contract.fundedGweiBefore(settledAt),
    rewards.contract.pool(),
  ]).catch((cause: unknown) => {
    throw explainChainFailure(cause, 'reading the pool');
  });
  const { accounts, statements } = rewards.state;
  const previousAccounts = statements.get(tipOf(rewards.state))?.facts.accounts ?? 0;
  const enrolled = [...accounts.values()].filter(({ blockNumber }) => blockNumber <= round.proposed.blockNumber).length;
  const scoredAccounts = scoringOf(rewards.state, round)?.accountCount ?? 0;
  return {
    round: round.number,
    aggregator: round.proposed.proposer,
    proposedAt: round.proposed.proposedAt,
    scoredAccounts,
    // however many there are now: in which order the newest are enrolled the chain may still change
    accounts: Math.max(enrolled, scoredAccounts, previousAccounts),
    // what came later pays for later rounds
    availableGwei: fundedGwei > allocatedGwei ? fundedGwei - allocatedGwei : 0n,
    inputs: trainers.map((trainer, inputIndex) => ({ trainer, inputIndex })),
  };
}
