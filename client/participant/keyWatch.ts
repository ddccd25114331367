/** Whether this process is still the only one with its key: by what the account announces, and by what it sends. */
import { getAddress, toBeHex } from 'ethers';
import { explainChainFailure } from '../chain/failure.ts';
import type { ChainLog } from '../chain/log.ts';
import { readLogs } from '../chain/logs.ts';
import { contractInterface } from '../contracts/contracts.ts';
import type { Instance } from './instance.ts';
import { announceEndpoint, keyInUse, requireAlone } from './keyUse.ts';
import type { Participant } from './participant.ts';

/** Whoever announces an address answers there already. */
const asks = 3;
const askAgainMs = 500;

/** A step. Errors of it: KEY_IN_USE, FOLDER_IN_USE. */
export function createKeyWatch(node: Participant, instance: Instance): () => Promise<boolean> {
  const { federation, account, report } = node;
  const lookAtTransactions = createTransactionsWatch(node, instance);
  let { sinceBlock } = instance;
  let announcedAgain = false;

  /** The one whose address stands goes on. Where nobody answers at another's, this one announces its own again, once. */
  async function lookAtAnnouncements(): Promise<void> {
    const { endpoint, earlierEndpoint, id } = instance;
    if (federation.head().number < sinceBlock) return;
    const announced = federation.state.endpoints.get(account) ?? '';
    if (announced === endpoint || (announced === earlierEndpoint && !announcedAgain)) return;
    for (let asked = 0; asked < asks; asked++) {
      await requireAlone(node, id);
      await new Promise((resolve) => setTimeout(resolve, askAgainMs));
    }
    if (endpoint === '' || announcedAgain) {
      throw keyInUse(account, `it has announced ${announced}`, { endpoint: announced });
    }
    report({ event: 'displaced', endpoint: announced });
    announcedAgain = true;
    sinceBlock = await announceEndpoint(node, endpoint);
  }

  return async () => {
    instance.hold();
    await instance.renew();
    await lookAtTransactions();
    await lookAtAnnouncements();
    return false;
  };
}

/** Throws KEY_IN_USE where the account takes part by a transaction that this process has not signed. */
function createTransactionsWatch({ federation, addresses, account }: Participant, instance: Instance) {
  const known = new Set(instance.earlierSubmissions);
  let readTo = instance.sinceBlock;

  function* submissions(): Generator<[hash: string, did: string]> {
    for (const { number, submissions } of federation.state.rounds.values()) {
      const submission = submissions.get(account);
      if (submission !== undefined) yield [submission.transactionHash, `submitted to round ${number}`];
    }
  }

  /** Of who serves nobody: no address tells of another. */
  async function readOthers(): Promise<[hash: string, did: string][]> {
    const { number } = federation.head();
    if (instance.endpoint !== '' || number <= readTo) return [];
    const topics = [[topicOf('Rewards', 'ScoresCommitted'), topicOf('Federation', 'AggregateProposed')]];
    const address = [addresses.rewards, addresses.federation];
    const logs = await ask(() => readLogs(federation.provider, { address, topics }, readTo + 1, number));
    readTo = number;
    return logs.flatMap((log) => {
      const { author, did } = readLog(log);
      return author === account ? [[log.transactionHash, did]] : [];
    });
  }

  /** By a process that died before it was mined. Undefined where nobody gives the transaction now. */
  async function wasSentBefore(hash: string): Promise<boolean | undefined> {
    const transaction = await ask(() => federation.provider.getTransaction(hash));
    return transaction === null
      ? undefined
      : transaction.from === instance.key && transaction.nonce < instance.firstNonce;
  }

  return async (): Promise<void> => {
    for (const [hash, did] of [...submissions(), ...(await readOthers())]) {
      if (known.has(hash)) continue;
      const isOwn = instance.hasSigned(hash) || (await wasSentBefore(hash));
      if (isOwn === false) {
        throw keyInUse(account, `transaction ${hash} has ${did}, and this process did not send it`);
      }
      if (isOwn) known.add(hash);
    }
  };
}

function topicOf(contract: 'Rewards' | 'Federation', event: 'ScoresCommitted' | 'AggregateProposed'): string {
  return contractInterface(contract).getEvent(event)!.topicHash;
}

function readLog(log: ChainLog): { author: string; did: string } {
  const proposed = contractInterface('Federation').parseLog(log);
  if (proposed?.name === 'AggregateProposed') {
    return { author: proposed.args.proposer as string, did: `proposed for round ${proposed.args.round}` };
  }
  const word = contractInterface('Rewards').parseLog(log)!.args.roundAndEvaluator as bigint;
  const author = getAddress(toBeHex(BigInt.asUintN(160, word), 20));
  return { author, did: `committed to scores of round ${word >> 160n}` };
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  return await question().catch((cause: unknown) => {
    throw explainChainFailure(cause, 'looking for others with this key');
  });
}
