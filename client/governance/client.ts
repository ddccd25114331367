/** The contracts of a governed federation, and what they hold now. */
import { Contract, type Interface, type Result } from 'ethers';
import type { Addresses } from '../chain/connect.ts';
import { explainChainFailure } from '../chain/failure.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { type GovernedMethod, type GovernedName, governedContracts } from './governed.ts';
import type { Setting } from './settings.ts';

export interface Bounds {
  minimum: bigint;
  maximum: bigint;
}

export interface GovernanceClient {
  readonly provider: ChainProvider;
  readonly federation: string;
  readonly deployBlock: number;
  readonly addresses: Record<GovernedName, string>;
  /** Asks one of the contracts. Errors: CHAIN_UNREACHABLE, TRANSACTION_REVERTED. */
  read<G extends GovernedName>(contract: G, method: GovernedMethod<G>, ...args: unknown[]): Promise<unknown>;
  /** Asks a contract of the same code at another address: that of another task. Errors: as `read`. */
  readFrom<G extends GovernedName>(
    address: string,
    contract: G,
    method: GovernedMethod<G>,
    ...args: unknown[]
  ): Promise<unknown>;
  /** What is chosen now, in the contract's unit; in force at the latest from the next round boundary on. */
  readSetting(setting: Setting): Promise<bigint>;
  /** Those of the setting, narrowed to what this deployment allows. */
  readBounds(setting: Setting): Promise<Bounds>;
}

export function openGovernance(
  provider: ChainProvider,
  { federation, token, stake, policy, rewards, governance }: Addresses,
  deployBlock: number,
): GovernanceClient {
  const { governor, treasury, votingPower, factory } = governance;
  const all: Record<GovernedName, string> = { policy, governor, treasury, votingPower, factory, token, stake, rewards };

  async function read<G extends GovernedName>(
    name: G,
    method: GovernedMethod<G>,
    ...args: unknown[]
  ): Promise<unknown> {
    return await readFrom(all[name], name, method, ...args);
  }

  async function readFrom<G extends GovernedName>(
    address: string,
    name: G,
    method: GovernedMethod<G>,
    ...args: unknown[]
  ): Promise<unknown> {
    const abi: Interface = contractInterface(governedContracts[name]);
    try {
      return await new Contract(address, abi, provider).getFunction(method)(...args);
    } catch (cause) {
      throw explainChainFailure(cause, `reading ${method} of the ${name}`);
    }
  }

  async function readSetting({ holder, field }: Setting): Promise<bigint> {
    switch (holder) {
      case 'federation':
      case 'rewards': {
        const struct = holder === 'federation' ? 'federationParameters' : 'rewardParameters';
        return BigInt(((await read('policy', struct)) as Result)[field] as bigint);
      }
      case 'governor':
      case 'stake':
        return BigInt((await read(holder, field as GovernedMethod<typeof holder>)) as bigint);
      case 'treasury':
        return BigInt((await read('treasury', 'getMinDelay')) as bigint);
      case 'votingPower': {
        const terms = (await read('votingPower', 'fundingTerms')) as Result;
        return BigInt(terms[fundingTerms.indexOf(field as FundingTerm)] as bigint);
      }
    }
  }

  async function readBounds({ holder, unit, minimum, maximum }: Setting): Promise<Bounds> {
    if (holder !== 'governor' && holder !== 'treasury') return { minimum, maximum };
    if (unit === 'seconds') return { minimum: (await read('governor', 'minimumSeconds')) as bigint, maximum };
    if (unit === 'tokensWei') return { minimum, maximum: (await read('governor', 'maxProposalThreshold')) as bigint };
    return { minimum, maximum };
  }

  return { provider, federation, deployBlock, addresses: all, read, readFrom, readSetting, readBounds };
}

/** In the order in which VotingPower sets and answers them. */
export const fundingTerms = ['fundingVotesBasisPoints', 'fundingVotesSeconds'] as const;
type FundingTerm = (typeof fundingTerms)[number];
