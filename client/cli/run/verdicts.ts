/** What was proven on a federation's chain: of whom, by whom, and what it cost both. */
import type { JsonRpcProvider, LogDescription } from 'ethers';
import { challengeContracts, contractInterface } from '../../chain/artifacts.ts';
import { readSlash } from '../../chain/challenges.ts';
import type { Deployment } from '../../node/deployment.ts';

export interface Verdict {
  round: number;
  offender: string;
  challenger: string;
  /** The function of the contract that decided it. */
  proof: string;
  takenWei: bigint;
  earnedWei: bigint;
  /** Of the transaction that decided it. */
  gas: number;
  /** Of everything that the challenger sent about the round: announcements, demands, the challenge. */
  gasOfAll: number;
}

/** In the order of the chain. Errors: those of the provider. */
export async function readVerdicts(provider: JsonRpcProvider, deployment: Deployment): Promise<Verdict[]> {
  const { challenges, federation, deployBlock } = deployment;
  const logs = await provider.getLogs({ address: Object.values(challenges), fromBlock: deployBlock });
  const verdicts: Verdict[] = [];
  const spent = new Map<string, number>();
  const contractAt = new Map(challengeContracts.map((name) => [challenges[name].toLowerCase(), name]));
  for (const hash of new Set(logs.map(({ transactionHash }) => transactionHash))) {
    const receipt = (await provider.getTransactionReceipt(hash))!;
    const gas = Number(receipt.gasUsed);
    const events = receipt.logs.flatMap((log) => {
      const contract = contractAt.get(log.address.toLowerCase());
      return (contract && contractInterface(contract).parseLog(log)) || [];
    });
    const about = events.find((event) => isAbout(event, federation));
    if (about === undefined) continue;
    const key = `${receipt.from} ${roundOf(about)}`;
    spent.set(key, (spent.get(key) ?? 0) + gas);
    const decided = events.find(({ name }) => name === 'ProposalRefuted' || name === 'FaultProven');
    if (decided === undefined) continue;
    const challenger = decided.args.challenger as string;
    verdicts.push({
      round: roundOf(decided),
      ...readSlash(receipt),
      challenger,
      proof: nameOf(decided.args.proof as string),
      gas,
      gasOfAll: 0,
    });
  }
  return verdicts.map((verdict) => ({
    ...verdict,
    gasOfAll: spent.get(`${verdict.challenger} ${verdict.round}`) ?? verdict.gas,
  }));
}

function isAbout({ name, args }: LogDescription, federation: string): boolean {
  const about = name === 'OpeningDemanded' ? args.demand.federation : args.federation;
  return typeof about === 'string' && about.toLowerCase() === federation.toLowerCase();
}

function roundOf({ name, args }: LogDescription): number {
  return Number(name === 'OpeningDemanded' ? args.demand.round : args.round);
}

function nameOf(selector: string): string {
  for (const name of challengeContracts) {
    const found = contractInterface(name).getFunction(selector);
    if (found !== null) return found.name;
  }
  return selector;
}
