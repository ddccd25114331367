/** Whether this process is still the only one with its key: by what the account announces, and by what it submits. */
import { explainChainFailure } from '../chain/failure.ts';
import type { Instance } from './instance.ts';
import { announceEndpoint, keyInUse, requireAlone } from './keyUse.ts';
import type { Participant } from './participant.ts';

/** Whoever announces an address answers there already. */
const asks = 3;
const askAgainMs = 500;

/** A step. Errors of it: KEY_IN_USE, FOLDER_IN_USE. */
export function createKeyWatch(node: Participant, instance: Instance): () => Promise<boolean> {
  const { federation, account, report } = node;
  const known = new Set(instance.earlierSubmissions);
  let { announcedBlock } = instance;
  let announcedAgain = false;

  async function lookAtSubmissions(): Promise<void> {
    for (const { number, submissions } of federation.state.rounds.values()) {
      const hash = submissions.get(account)?.transactionHash;
      if (hash === undefined || known.has(hash)) continue;
      if (!instance.hasSigned(hash) && !(await wasSentBefore(hash))) {
        throw keyInUse(
          account,
          `transaction ${hash} has submitted to round ${number}, and this process did not send it`,
        );
      }
      known.add(hash);
    }
  }

  /** By a process that died before it was mined. */
  async function wasSentBefore(hash: string): Promise<boolean> {
    const transaction = await federation.provider.getTransaction(hash).catch((cause: unknown) => {
      throw explainChainFailure(cause, 'looking for others with this key');
    });
    return transaction !== null && transaction.nonce < instance.firstNonce;
  }

  /** The one whose address stands goes on. Where nobody answers at another's, this one announces its own again, once. */
  async function lookAtAnnouncements(): Promise<void> {
    const { endpoint, earlierEndpoint, id } = instance;
    if (federation.head().number < announcedBlock) return;
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
    announcedBlock = await announceEndpoint(node, endpoint);
  }

  return async () => {
    instance.hold();
    await lookAtSubmissions();
    await lookAtAnnouncements();
    return false;
  };
}
