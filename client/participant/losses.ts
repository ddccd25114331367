/** Stake that was taken from the account of this process: said loudly, once, with what it cost and why. */

import type { TransactionReceipt } from 'ethers';
import { z } from 'zod/v4';
import { innerCall } from '../chain/accountSender.ts';
import { explainChainFailure } from '../chain/failure.ts';
import type { ChainLog } from '../chain/log.ts';
import { readLogs } from '../chain/logs.ts';
import { type StakeRole, stakedFor, stakeRoles } from '../chain/stake.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { challengeContracts } from '../contracts/names.ts';
import { parseWith } from '../core/task.ts';
import { type KeptFiles, readJson, writeJson } from '../storage/keptFiles.ts';
import type { Participant } from './participant.ts';

const keptSchema = z.strictObject({ readTo: z.int() });

/** What was taken in the blocks from one on that have been read, as stake of these roles. Errors: CHAIN_UNREACHABLE. */
export async function readLosses(
  { federation, account, addresses }: Pick<Participant, 'federation' | 'account' | 'addresses'>,
  roles: readonly StakeRole[],
  fromBlock: number,
): Promise<ChainLog[]> {
  const toBlock = federation.head().number;
  const holders = [...new Set(roles.map((role) => stakedFor(addresses, role)))];
  const topics = contractInterface('Stake').encodeFilterTopics('StakeSlashed', [holders, account]);
  return await ask(() => readLogs(federation.provider, { address: addresses.stake, topics }, fromBlock, toBlock));
}

/** A step. What was taken while the process did not run is said when it runs again. */
export function createLossWatch(node: Participant): () => Promise<boolean> {
  const { federation, deployBlock, report } = node;
  const name = 'readTo.json';
  let files: KeptFiles | undefined;
  let readTo = deployBlock - 1;

  async function open(): Promise<KeptFiles> {
    const opened = await node.files('losses');
    const kept = await readJson(opened, name, (document) => parseWith(keptSchema, document, name));
    if (kept !== undefined) readTo = kept.readTo;
    return opened;
  }

  return async () => {
    files ??= await open();
    const { number } = federation.head();
    if (number <= readTo) return false;
    const losses = await readLosses(node, stakeRoles, readTo + 1);
    for (const loss of losses) await tell(loss);
    readTo = number;
    if (losses.length > 0) await writeJson(files, name, { readTo });
    return false;
  };

  async function tell(log: ChainLog): Promise<void> {
    const { federation: holder, account, amountWei } = contractInterface('Stake').parseLog(log)!.args;
    const { stake } = federation.contracts;
    const leftWei = await ask(() => stake.bondedWei(holder as string, account as string));
    const reason = await ask(() => reasonOf(node, log.transactionHash));
    report({ event: 'stakeLost', takenWei: String(amountWei), leftWei: String(leftWei), reason });
  }
}

/** What the transaction that took it says. */
async function reasonOf({ federation: { provider } }: Participant, hash: string): Promise<string> {
  const [receipt, transaction] = await Promise.all([
    provider.getTransactionReceipt(hash),
    provider.getTransaction(hash),
  ]);
  const forfeited = find(receipt, 'Rewards', 'EvaluatorForfeited');
  if (forfeited !== undefined) {
    return `the scores of round ${forfeited.round} that it had committed to were not shown in time. Keep the process running, or start it again sooner`;
  }
  if (find(receipt, 'Openings', 'DemandForfeited') !== undefined) {
    return 'nobody showed in time what was demanded of its proposal. Keep the process running, or start it again sooner';
  }
  const proof = challengeContracts
    .map((name) => contractInterface(name).parseTransaction({ data: innerCall(transaction?.data ?? '0x') })?.name)
    .find((name) => name !== undefined);
  return `${proof ?? 'a challenge'} has proven a fault of this account, in transaction ${hash}`;
}

function find(receipt: TransactionReceipt | null, contract: 'Rewards' | 'Openings', event: string) {
  const logs = receipt?.logs.map((log) => contractInterface(contract).parseLog(log)) ?? [];
  return logs.find((log) => log?.name === event)?.args;
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (cause) {
    throw explainChainFailure(cause, 'reading what was taken of the stake');
  }
}
