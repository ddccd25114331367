/**
 * One key, one process: two would take each other's turns, and one would serve what the other has not submitted. A process says who it is, as
 * the JSON document `/instance` at the address that it announces, signed by its key; whoever starts with the same key asks there first.
 */
import { verifyMessage } from 'ethers';
import { z } from 'zod/v4';
import { readAccountKeys } from '../chain/accountSender.ts';
import { addressSchema, normalizeAddress } from '../chain/address.ts';
import { transact } from '../chain/federation.ts';
import { documentEndpointsOf } from '../chain/rounds.ts';
import { TributaryError } from '../core/errors.ts';
import { parseWith } from '../core/task.ts';
import { fetchDocument } from '../storage/peer.ts';
import type { Instance } from './instance.ts';
import type { Participant } from './participant.ts';

export const instancePath = '/instance';

const documentSchema = z.strictObject({
  account: addressSchema,
  role: z.enum(['trainer', 'aggregator', 'evaluator', 'watchtower', 'archive']),
  instance: z.string().regex(/^[0-9a-f]{32}$/),
  endpoint: z.string(),
  block: z.int().min(0),
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
});

type InstanceDocument = z.infer<typeof documentSchema>;
type Announcing = Pick<Participant, 'role' | 'account' | 'addresses' | 'federation' | 'documents'>;
type Asking = Pick<Participant, 'account' | 'addresses' | 'federation' | 'sender' | 'signal'>;

/** Who has kept a document of a process that is gone, and has come to its address, is not taken for it for longer than so many blocks. */
const mostBlocksOld = 1000;
/** After so many blocks it is signed anew. */
const renewedAfterBlocks = 100;
const askMs = 3000;
const maxDocumentBytes = 4096;

/** Serves at `instancePath` what the process says of itself, signed by its key (EIP-191). To be called at each look at the chain. */
export function createInstanceDocument(
  { role, account, addresses, federation, documents }: Announcing,
  { id, endpoint }: Pick<Instance, 'id' | 'endpoint'>,
  sign: (text: string) => Promise<string>,
): () => Promise<void> {
  let signedBlock: number | undefined;
  return async () => {
    const block = federation.head().number;
    if (signedBlock !== undefined && Math.abs(block - signedBlock) < renewedAfterBlocks) return;
    const said = { account, role, instance: id, endpoint, block };
    const document = { ...said, signature: await sign(instanceMessage(addresses, said)) };
    documents.set(instancePath, () => document);
    signedBlock = block;
  };
}

/** Errors: those of `Sender.send`. Answers the block in which it was mined. */
export async function announceEndpoint(
  { addresses, sender, signal }: Pick<Participant, 'addresses' | 'sender' | 'signal'>,
  endpoint: string,
): Promise<number> {
  const step = 'announcing the endpoint';
  const { federation } = addresses;
  const receipt = await transact(sender, step, federation, 'Federation', 'announceEndpoint', [endpoint], signal);
  return receipt.blockNumber;
}

/** Who answers, with a signature of a key of this account, where the account was announced; undefined where that is this process, or nobody. */
export async function findOther(node: Asking, id: string): Promise<InstanceDocument | undefined> {
  const { federation, account } = node;
  const announced = federation.state.endpoints.get(account) ?? '';
  const answers = await Promise.all(documentEndpointsOf(federation.state, account).map((url) => ask(node, url)));
  const oldest = federation.head().number - mostBlocksOld;
  return answers.find((answer) => answer?.endpoint === announced && answer.instance !== id && answer.block >= oldest);
}

/** Whatever does not answer so is no process of this account. It is asked wherever it is: nobody else announces for the account. */
async function ask(node: Asking, url: string): Promise<InstanceDocument | undefined> {
  const { addresses } = node;
  const signal = AbortSignal.any([node.signal, AbortSignal.timeout(askMs)]);
  let answer: InstanceDocument;
  let signer: string;
  try {
    const document = await fetchDocument(url, instancePath, { maxBytes: maxDocumentBytes, signal });
    answer = parseWith(documentSchema, document, 'instance');
    signer = verifyMessage(instanceMessage(addresses, answer), answer.signature);
  } catch {
    return undefined;
  }
  return (await actsFor(node, signer)) ? answer : undefined;
}

/** Of an account that is a contract, as of now: its keys may have been replaced. Errors: CHAIN_UNREACHABLE. */
async function actsFor({ account, sender, federation }: Asking, signer: string): Promise<boolean> {
  if (!sender.isContract) return signer === account;
  const { operator, owner } = await readAccountKeys(federation.provider, account);
  return signer === operator || signer === owner;
}

type Said = Pick<InstanceDocument, 'role' | 'instance' | 'endpoint' | 'block'>;

function instanceMessage(
  { chainId, federation }: Participant['addresses'],
  { role, instance, endpoint, block }: Said,
): string {
  return `Tributary process\nchain ${chainId}\nfederation ${normalizeAddress(federation)}\nrole ${role}\ninstance ${instance}\nendpoint ${endpoint}\nblock ${block}`;
}

/** `what` is a sentence without its end, that says how it is known. */
export function keyInUse(account: string, what: string, args: Record<string, unknown> = {}): TributaryError {
  const message = `Another process takes part with the key of ${account}: ${what}. Stop that one, or give this one a key of its own.`;
  return new TributaryError('KEY_IN_USE', message, { args: { account, ...args } });
}

/** Errors: KEY_IN_USE where another process answers for this key. */
export async function requireAlone(node: Asking, id: string): Promise<void> {
  const other = await findOther(node, id);
  if (other === undefined) return;
  const { role, instance, endpoint } = other;
  const article = /^[ae]/.test(role) ? 'an' : 'a';
  throw keyInUse(node.account, `${article} ${role} answers at ${endpoint}, as instance ${instance}`, {
    endpoint,
    instance,
  });
}
