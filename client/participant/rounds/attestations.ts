/**
 * What electors sign of a round's inputs: "these I hold, verified; no other could I fetch". They are served as the JSON document
 * `/attestations/{round}`, with those of others, so that two that contradict each other meet; who serves nobody hands its own to the
 * aggregators.
 */
import { Signature } from 'ethers';
import pLimit from 'p-limit';
import { z } from 'zod/v4';
import { addressSchema } from '../../chain/address.ts';
import { attestationDigest, attestationSigner } from '../../chain/attestation.ts';
import { documentEndpointsOf, type Round } from '../../chain/rounds.ts';
import { equalBytes, fromHex, type Hash, toHex } from '../../core/hash.ts';
import type { RoundInput } from '../../core/inputs.ts';
import { maxInputs } from '../../core/numbers.ts';
import { parseWith } from '../../core/task.ts';
import { pushDocument } from '../../storage/peer.ts';
import { firstDocument } from '../firstDocument.ts';
import type { Participant } from '../participant.ts';
import { isElector, membersThatAttest } from './electors.ts';
import { fetchInputsList } from './inputsList.ts';

/** The inputs that are attested; their list is pinned like a proposal's. */
export interface AttestedInputs {
  /** Of the round, see `Round.edition`. */
  edition: number;
  inputsRoot: Hash;
  inputCount: number;
  /** sha2-256 digest of the CID of the list. */
  inputsCid: Hash;
}

export interface Attestation extends AttestedInputs {
  signer: string;
  /** As the contract takes it: of a key 65 bytes, of a contract what it takes itself (EIP-1271). */
  signature: string;
  /** Its signer is a contract, which says itself whether it has signed, and may change its mind. It is not served. */
  byContract?: true;
}

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, '32 bytes as 0x and 64 hex digits')
  .transform(fromHex);
const attestationSchema = z.strictObject({
  signer: addressSchema,
  edition: z.int().min(0).max(0xff),
  inputsRoot: hash,
  inputCount: z.int().min(1).max(maxInputs),
  inputsCid: hash,
  signature: z
    .string()
    .regex(/^0x([0-9a-f]{2}){1,112}$/, 'a signature: 0x and hex digits, 130 of a key, at most 224 of a contract'),
});
const documentSchema = z.array(attestationSchema);

/** Two are enough to show that their signer contradicts itself. */
const mostOfOneSigner = 2;
/** Room for one in the document. */
export const attestationBytes = 512;
/** Members may have left since a peer wrote its document. */
const formerMembers = 8;
const asksAtOnce = 32;
const longestAskMs = 5000;

/** Where what is known of a round's attestations is served. */
export function attestationsPath(round: number): string {
  return `/attestations/${round}`;
}

export function toDocument(attestations: readonly Attestation[]): unknown[] {
  return attestations.map(({ inputsRoot, inputsCid, byContract: _, ...rest }) => ({
    ...rest,
    inputsRoot: toHex(inputsRoot),
    inputsCid: toHex(inputsCid),
  }));
}

/** Of a file of ours. Errors: CONFIG_INVALID. */
export function parseAttestation(document: unknown, where: string): Attestation {
  return parseWith(attestationSchema, document, where);
}

/** Adds what is new, up to two of a signer for an edition. Of the same inputs the newer signature counts: a contract may have another key now. */
export function addInPlace(known: Attestation[], more: readonly Attestation[]): void {
  for (const attestation of more) {
    const { signer, edition, inputsRoot } = attestation;
    const same = known.filter((other) => other.signer === signer && other.edition === edition);
    const before = same.find((other) => equalBytes(other.inputsRoot, inputsRoot));
    if (before !== undefined) known[known.indexOf(before)] = attestation;
    else if (same.length < mostOfOneSigner) known.push(attestation);
  }
}

type Checking = Pick<Participant, 'addresses' | 'federation' | 'rewards'>;
type AskingAround = Checking & Pick<Participant, 'account' | 'parameters' | 'reach' | 'signal'>;

/** Those of a document that members have signed for the round, in the form that the contract takes. Errors: CONFIG_INVALID. */
export async function readAttestations(node: Checking, round: number, document: unknown): Promise<Attestation[]> {
  const editions = editionsOf(node, round);
  const limit = pLimit(asksAtOnce);
  const eligible = parseWith(documentSchema, document, 'attestations').filter(
    ({ signer, edition }) => editions.includes(edition) && isElector(node, signer),
  );
  const read = await Promise.all(eligible.map((attestation) => limit(readAttestation, node, round, attestation)));
  return read.filter((attestation) => attestation !== undefined);
}

async function readAttestation(
  node: Checking,
  round: number,
  attestation: Attestation,
): Promise<Attestation | undefined> {
  if (isSignedByKey(node, round, attestation)) {
    return { ...attestation, signature: Signature.from(attestation.signature).serialized };
  }
  return (await isSigned(node, round, attestation)) ? { ...attestation, byContract: true } : undefined;
}

function isSignedByKey({ addresses }: Pick<Checking, 'addresses'>, round: number, attestation: Attestation): boolean {
  return attestationSigner(addresses, { round, ...attestation }, attestation.signature) === attestation.signer;
}

/**
 * Whether the contract would count it now: of a key it always would, of a contract that may have changed its mind, since its key may be
 * another. Errors: CHAIN_UNREACHABLE.
 */
export async function isSigned(node: Checking, round: number, attestation: Attestation): Promise<boolean> {
  if (isSignedByKey(node, round, attestation)) return true;
  const digest = attestationDigest(node.addresses, { round, ...attestation });
  return await node.federation.isSignedAsContract(attestation.signer, digest, attestation.signature);
}

function editionsOf({ federation }: Checking, round: number): number[] {
  const known = federation.state.rounds.get(round);
  return known === undefined ? [] : [...known.earlierEditions, known.edition];
}

/** At most two of each member for every edition of the round. */
function longestDocument(node: Checking, round: number): number {
  const editions = editionsOf(node, round).length;
  return attestationBytes * mostOfOneSigner * editions * (membersThatAttest(node).length + formerMembers);
}

/**
 * What other electors attest of a round, and what they know that others do: each signed by a member, at most two different ones of each
 * for an edition. Who does not answer is passed over.
 */
export async function askForAttestations(
  node: AskingAround,
  round: number,
  accounts: readonly string[] = membersThatAttest(node),
): Promise<Attestation[]> {
  const limit = pLimit(asksAtOnce);
  const answers = await Promise.all(
    accounts.map((account) =>
      limit(async () => {
        const attestations = account === node.account ? [] : await ask(node, round, account);
        return attestations.map((attestation) => ({ attestation, direct: attestation.signer === account }));
      }),
    ),
  );
  const all = answers.flat();
  const known: Attestation[] = [];
  // its signer knows best where its list is
  for (const direct of [true, false]) {
    addInPlace(
      known,
      all.filter((answer) => answer.direct === direct).map(({ attestation }) => attestation),
    );
  }
  return known;
}

/** From the first of its addresses that answers with a document. */
async function ask(node: AskingAround, round: number, account: string): Promise<Attestation[]> {
  const timeoutMs = Math.min(longestAskMs, node.parameters().turnSeconds * 250);
  const found = await firstDocument(documentEndpointsOf(node.federation.state, account), attestationsPath(round), {
    read: (document) => readAttestations(node, round, document),
    limits: { maxBytes: longestDocument(node, round), signal: node.signal, reach: node.reach },
    timeoutMs,
  });
  return found ?? [];
}

/** Hands one's own to the aggregators, who may not be able to ask for it. Who does not take it is passed over. */
export async function pushAttestation(node: Participant, round: number, attestation: Attestation): Promise<void> {
  const { aggregators } = node.federation.state;
  const limit = pLimit(asksAtOnce);
  const signal = AbortSignal.any([node.signal, AbortSignal.timeout(longestAskMs)]);
  const urls = [...aggregators]
    .filter((aggregator) => aggregator !== node.account)
    .flatMap((aggregator) => documentEndpointsOf(node.federation.state, aggregator));
  const [document] = toDocument([attestation]);
  const path = attestationsPath(round);
  await Promise.allSettled(urls.map((url) => limit(pushDocument, url, path, document, signal, node.reach)));
}

/** The round that a path is of, while its attestations may be of use. */
export function attestedRoundOf({ federation }: Pick<Participant, 'federation'>, path: string): number | undefined {
  const round = Number(/^\/attestations\/(\d{1,10})$/.exec(path)?.[1]);
  const known = federation.state.rounds.get(round);
  return known === undefined || known.final || known.skipped || known.voided ? undefined : round;
}

/** The inputs behind an attestation; undefined where nobody serves them, or they are not what was signed. */
export async function fetchAttestedInputs(
  node: Participant,
  round: Round,
  attested: Omit<Attestation, 'signature'>,
): Promise<readonly RoundInput[] | undefined> {
  if (attested.inputCount > round.submissions.size) return undefined;
  const holders = [attested.signer, ...membersThatAttest(node)];
  return (await fetchInputsList(node, attested, holders, longestAskMs))?.committed?.inputs;
}
