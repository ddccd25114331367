/** All that a deployment comes to, and its steps after the contracts: who gets tokens. */
import { parseEther } from 'ethers';
import type { GovernanceChoices } from './governanceChoices.ts';
import { call, type DeployStep, type SharedContracts, type TaskContracts, type TaskTerms } from './system.ts';

/** What is to be deployed, all of it. */
export interface DeployPlan {
  governance: GovernanceChoices;
  terms: TaskTerms;
  /** Whole tokens. */
  grants: readonly { account: string; tokens: number }[];
  treasuryTokens: number;
  funding: number;
}

/** Those that can be sent together, and those that must come after the task's contracts. */
export function tokenSteps(
  { grants, treasuryTokens, funding }: DeployPlan,
  { token, governance }: SharedContracts,
  { rewards }: TaskContracts,
): [DeployStep[], DeployStep[]] {
  const given = [...grants, { account: governance.treasury, tokens: treasuryTokens }].filter(
    ({ tokens }) => tokens > 0,
  );
  const transfers = given.map(({ account, tokens }) =>
    call(`${tokens} tokens for ${account}`, token, 'TributaryToken', 'transfer', [account, toWei(tokens)]),
  );
  if (funding === 0) return [transfers, []];
  const amountWei = toWei(funding);
  const approval = call('leave to fund the pool', token, 'TributaryToken', 'approve', [rewards, amountWei]);
  return [[...transfers, approval], [call(`${funding} tokens for the pool`, rewards, 'Rewards', 'fund', [amountWei])]];
}

/** Amounts below a millionth are written with an exponent, which ethers does not read. */
function toWei(tokens: number): bigint {
  return parseEther(/e/.test(String(tokens)) ? tokens.toFixed(18) : String(tokens));
}

/** How many steps a task and its tokens take. */
export function stepsOfTask({ grants, treasuryTokens, funding }: DeployPlan): number {
  const given = [...grants, { tokens: treasuryTokens }].filter(({ tokens }) => tokens > 0);
  return 3 + given.length + (funding === 0 ? 0 : 2);
}
