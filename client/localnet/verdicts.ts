/** What was proven on a federation's chain: of whom, by whom, and what it cost both. */
import type { LogDescription, TransactionReceipt } from 'ethers';
import { innerCall } from '../chain/accountSender.ts';
import { announcementOf, readSlash } from '../chain/challenges.ts';
import type { Deployment } from '../chain/deployment.ts';
import { readLogs } from '../chain/logs.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { challengeContracts } from '../contracts/names.ts';

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
  /** With the announcement of it, and the demands that led to it with theirs. */
  gasOfAll: number;
}

const decisions: ReadonlySet<string> = new Set(['ProposalRefuted', 'FaultProven', 'RewardsRefuted']);

/** In the order of the chain. Errors: those of the provider. */
export async function readVerdicts(provider: ChainProvider, deployment: Deployment): Promise<Verdict[]> {
  const { challenges, deployBlock } = deployment;
  const logs = await readLogs(
    provider,
    { address: Object.values(challenges) },
    deployBlock,
    await provider.getBlockNumber(),
  );
  const announced = new Map<string, number>();
  /** By round and who made them. */
  const demanded = new Map<string, number>();
  const verdicts: Verdict[] = [];
  for (const hash of new Set(logs.map(({ transactionHash }) => transactionHash))) {
    const [receipt, transaction] = await Promise.all([
      provider.getTransactionReceipt(hash),
      provider.getTransaction(hash),
    ]);
    if (receipt === null || transaction === null) continue;
    const gas = Number(receipt.gasUsed);
    const call = innerCall(transaction.data);
    const challenger = call === transaction.data ? receipt.from : transaction.to!;
    const gasWithAnnouncement = gas + (announced.get(announcementOf(challenger, call)) ?? 0);
    for (const { name, args } of eventsOf(receipt, deployment)) {
      if (name === 'ChallengeAnnounced') announced.set(args.announcement as string, gas);
      if (name === 'OpeningDemanded') {
        const key = `${args.demand.round} ${args.demand.demander}`;
        demanded.set(key, (demanded.get(key) ?? 0) + gasWithAnnouncement);
      }
      if (!decisions.has(name)) continue;
      const { challenger } = args;
      const key = `${args.round} ${challenger}`;
      const gasOfDemands = name === 'ProposalRefuted' ? (demanded.get(key) ?? 0) : 0;
      if (name === 'ProposalRefuted') demanded.delete(key);
      const gasOfAll = gasWithAnnouncement + gasOfDemands;
      const proof = nameOf(args.proof as string);
      verdicts.push({ round: Number(args.round), ...readSlash(receipt), challenger, proof, gas, gasOfAll });
    }
  }
  return verdicts;
}

/** Those of the challenge contracts that are about this federation. */
function eventsOf(receipt: TransactionReceipt, { challenges, federation, rewards }: Deployment): LogDescription[] {
  return receipt.logs.flatMap((log) => {
    const contract = challengeContracts.find((name) => challenges[name].toLowerCase() === log.address.toLowerCase());
    const event = contract === undefined ? null : contractInterface(contract).parseLog(log);
    if (event === null) return [];
    if (event.name === 'RewardsRefuted') return isSame(event.args.rewards, rewards) ? [event] : [];
    const about = event.name === 'OpeningDemanded' ? event.args.demand.federation : event.args.federation;
    return isSame(about, federation) ? [event] : [];
  });
}

function isSame(address: unknown, other: string): boolean {
  return String(address).toLowerCase() === other.toLowerCase();
}

function nameOf(selector: string): string {
  for (const name of challengeContracts) {
    const found = contractInterface(name).getFunction(selector);
    if (found !== null) return found.name;
  }
  return selector;
}
