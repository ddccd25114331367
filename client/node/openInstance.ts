/** This process as its peers, and others of its key, may know it. */
import { explainChainFailure } from '../chain/failure.ts';
import type { Instance } from '../participant/instance.ts';
import { announceEndpoint, createInstanceDocument, requireAlone } from '../participant/keyUse.ts';
import type { Participant } from '../participant/participant.ts';
import type { LockedFolder } from './folder.ts';
import type { RecordingWallet } from './recordingWallet.ts';

type Announcing = Pick<
  Participant,
  'role' | 'account' | 'addresses' | 'federation' | 'sender' | 'documents' | 'signal'
>;

/** The account may be a contract, for which the key of `wallet` works. Announces `endpoint`, unless another process answers for this key. `id` is the same when it is tried again. Errors: KEY_IN_USE, and those of `Sender.send`. */
export async function openInstance(
  node: Announcing,
  { id, endpoint }: Pick<Instance, 'id' | 'endpoint'>,
  wallet: RecordingWallet,
  folder: Pick<LockedFolder, 'hold'>,
): Promise<Instance> {
  const { federation, account } = node;
  await federation.sync();
  await requireAlone(node, id);
  const renew = createInstanceDocument(node, { id, endpoint }, (text) => wallet.signMessage(text));
  await renew();
  const { state } = federation;
  const earlierEndpoint = state.endpoints.get(account) ?? '';
  const submissions = [...state.rounds.values()].flatMap((round) => round.submissions.get(account) ?? []);
  const key = wallet.address;
  const firstNonce = await federation.provider.getTransactionCount(key, 'pending').catch((cause: unknown) => {
    throw explainChainFailure(cause, 'counting transactions');
  });
  const isNew = endpoint !== '' && endpoint !== earlierEndpoint;
  const sinceBlock = isNew ? await announceEndpoint(node, endpoint) : federation.head().number;
  return {
    id,
    endpoint,
    earlierEndpoint,
    sinceBlock,
    earlierSubmissions: new Set(submissions.map(({ transactionHash }) => transactionHash)),
    key,
    firstNonce,
    hasSigned: (hash) => wallet.hasSigned(hash),
    renew,
    hold: folder.hold,
  };
}
