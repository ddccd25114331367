/** What a run has come to: its model, and what everybody has. */
import { formatEther } from 'ethers';
import { readRewards } from '../../client/actions/rewards.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { stakedFor } from '../../client/chain/stake.ts';
import { toHex } from '../../client/core/hash.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { SoakedFederation } from './soakedFederation.ts';

export interface Outcome {
  modelRoot: string;
  finalRounds: number;
  /** How many updates each final round was made of. */
  inputs: readonly number[];
  /** By role and number, in tokens. */
  stakes: ReadonlyMap<string, string>;
  /** What each round pays, in gwei, and by how many evaluators' scores of how many trainers. */
  rewards: readonly string[];
}

export async function readOutcome(soaked: SoakedFederation): Promise<Outcome> {
  const federation = await soaked.federation();
  const final = proposedRounds(federation.state).filter((round) => round.final);
  const stakes = new Map<string, string>();
  for (const { role, account } of soaked.members) {
    if (role === 'watchtower' || role === 'archive') continue;
    const address = stakedFor(federation.addresses, role);
    const bonded = await federation.contracts.stake.bondedWei(address, developmentWallet(account).address);
    stakes.set(`${role} ${account}`, formatEther(bonded));
  }
  return {
    modelRoot: toHex(final.at(-1)!.proposed.proposal.modelRoot),
    finalRounds: final.length,
    inputs: final.map(({ proposed }) => proposed.proposal.inputCount),
    stakes,
    rewards: readRewards({ federation, rewards: await soaked.rewards() }).rounds.map(
      ({ round, state, scored, evaluators, paidGwei }) =>
        `round ${round} (${state}) pays ${paidGwei} gwei to ${scored} trainers and ${evaluators} evaluators`,
    ),
  };
}

/** Where the second is not as the first, each as a sentence. */
export function differences(quiet: Outcome, soaked: Outcome): string[] {
  const wrong: string[] = [];
  if (quiet.modelRoot !== soaked.modelRoot)
    wrong.push(`the model is ${soaked.modelRoot}, and undisturbed ${quiet.modelRoot}`);
  if (quiet.finalRounds !== soaked.finalRounds)
    wrong.push(`${soaked.finalRounds} rounds are final, not ${quiet.finalRounds}`);
  soaked.inputs.forEach((count, index) => {
    if (count !== quiet.inputs[index])
      wrong.push(`round ${index + 1} has ${count} updates, not ${quiet.inputs[index]}`);
  });
  for (const [who, tokens] of quiet.stakes) {
    if (soaked.stakes.get(who) !== tokens)
      wrong.push(`${who} has ${soaked.stakes.get(who)} tokens of stake, not ${tokens}`);
  }
  quiet.rewards.forEach((said, index) => {
    if (soaked.rewards[index] !== said) wrong.push(`${soaked.rewards[index]}; undisturbed: ${said}`);
  });
  return wrong;
}
