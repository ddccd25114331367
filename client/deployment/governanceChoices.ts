/** What the deployer of a federation chooses for its governance; afterwards it is voted on. Times in seconds. */
import { parseEther, ZeroAddress } from 'ethers';
import { TributaryError } from '../core/errors.ts';

export interface GovernanceChoices {
  /** Between a proposal and the moment at which votes are counted: time to delegate. */
  votingDelaySeconds: number;
  votingPeriodSeconds: number;
  /** What is left to vote, at least, after the vote that reached the quorum. */
  lateQuorumSeconds: number;
  /** Between a decision and its execution. */
  timelockSeconds: number;
  /** The least that a vote can make of these. */
  minimumSeconds: number;
  /** Votes that it takes to propose, in whole tokens. */
  proposalThreshold: number;
  /** Percent of all votes that must be for a proposal or abstain. */
  quorumPercent: number;
  /** Votes that a token gives that is put into a pool of rewards, and for how long. */
  fundingVotesShare: number;
  fundingVotesSeconds: number;
  /** Who may pause new rounds for a bounded time. */
  guardian?: string | undefined;
  /** Whole tokens that the deployer keeps; what nobody was given belongs to the treasury. */
  founderTokens: number;
}

const day = 86_400;

export const defaultGovernance: GovernanceChoices = {
  votingDelaySeconds: day,
  votingPeriodSeconds: 7 * day,
  lateQuorumSeconds: 2 * day,
  timelockSeconds: 2 * day,
  minimumSeconds: day / 2,
  proposalThreshold: 1_000,
  quorumPercent: 4,
  fundingVotesShare: 1,
  fundingVotesSeconds: 365 * day,
  founderTokens: 0,
};

/** On a chain on one machine nobody is asleep; its first account hands out tokens. */
export const developmentGovernance: GovernanceChoices = {
  ...defaultGovernance,
  votingDelaySeconds: 2,
  votingPeriodSeconds: 20,
  lateQuorumSeconds: 5,
  timelockSeconds: 5,
  minimumSeconds: 1,
  proposalThreshold: 1,
  founderTokens: 500_000_000,
};

export const supplyTokens = 1_000_000_000;

/** `VotingSettings` of the contracts. */
export function votingSettingsOf(choices: GovernanceChoices): Record<string, unknown> {
  return {
    votingDelay: choices.votingDelaySeconds,
    votingPeriod: choices.votingPeriodSeconds,
    proposalThreshold: parseEther(choices.proposalThreshold.toFixed(18)),
    quorumNumerator: choices.quorumPercent,
    lateQuorumVoteExtension: choices.lateQuorumSeconds,
    minimumSeconds: choices.minimumSeconds,
  };
}

export function guardianOf({ guardian }: GovernanceChoices): string {
  return guardian ?? ZeroAddress;
}

/**
 * Whole tokens for the treasury: all that nobody is given. Errors: CONFIG_INVALID where more is given than there is, or so
 * little that no vote could ever reach the quorum.
 */
export function treasuryTokens(choices: GovernanceChoices, granted: number, funding: number): number {
  const given = granted + choices.founderTokens;
  const rest = supplyTokens - given - funding;
  if (rest < 0) throw invalid(`${given + funding} tokens are given out, and there are ${supplyTokens}`);
  const quorum = (supplyTokens * choices.quorumPercent) / 100;
  if (given < quorum) {
    throw invalid(
      `${given} tokens are given out, and a vote needs ${quorum}: nothing could ever be decided. Grant more, or set governance.founderTokens`,
    );
  }
  return Math.floor(rest);
}

function invalid(wish: string): TributaryError {
  return new TributaryError('CONFIG_INVALID', `grants: ${wish}.`, { args: { field: 'grants' } });
}
