/**
 * What aggregators sign of a round's inputs: "these I fetched and verified, no other could I fetch". Each signs one for a round,
 * ever; it is on disk before anybody sees it. They are served as the JSON document `/attestations/{round}`, with those of others, so that
 * two that contradict each other meet.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Signature } from 'ethers';
import pLimit from 'p-limit';
import { z } from 'zod/v4';
import { attestationData, attestationSigner } from '../chain/attestation.ts';
import type { Round } from '../chain/rounds.ts';
import { cidFromDigest } from '../core/cid.ts';
import { TributaryError } from '../core/errors.ts';
import { equalBytes, fromHex, type Hash, toHex } from '../core/hash.ts';
import { buildInputsTree, decodeInputsList, inputsListBytes, type RoundInput } from '../core/inputs.ts';
import { maxInputs } from '../core/numbers.ts';
import { sumTreeRoot } from '../core/sumTree.ts';
import { parseWith } from '../core/task.ts';
import { writeDurably } from '../storage/durable.ts';
import { fetchDocument } from '../storage/peer.ts';
import { withFetchTimeout } from './fetchTimeout.ts';
import { type Node, peerEndpoints } from './node.ts';

/** The inputs that are attested; their list is pinned like a proposal's. */
export interface AttestedInputs {
  inputsRoot: Hash;
  inputCount: number;
  /** sha2-256 digest of the CID of the list. */
  inputsCid: Hash;
}

export interface Attestation extends AttestedInputs {
  signer: string;
  /** 65 bytes, as the contract takes it. */
  signature: string;
}

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, '32 bytes as 0x and 64 hex digits')
  .transform(fromHex);
const attestationSchema = z.strictObject({
  signer: z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'an address: 0x and 40 hex digits'),
  inputsRoot: hash,
  inputCount: z.int().min(1).max(maxInputs),
  inputsCid: hash,
  signature: z.string().regex(/^0x[0-9a-f]{130}$/, 'a signature: 0x and 130 hex digits'),
});
const documentSchema = z.array(attestationSchema);

/** Two are enough to show that their signer contradicts itself. */
const mostOfOneSigner = 2;
/** Room for one in the document. */
const attestationBytes = 512;
/** Aggregators may have left since a peer wrote its document. */
const formerAggregators = 8;
const asksAtOnce = 32;
const longestAskMs = 5000;

function toDocument(attestations: readonly Attestation[]): unknown[] {
  return attestations.map(({ inputsRoot, inputsCid, ...rest }) => ({
    ...rest,
    inputsRoot: toHex(inputsRoot),
    inputsCid: toHex(inputsCid),
  }));
}

/** Adds what is new, up to two of a signer. */
function addInPlace(known: Attestation[], more: readonly Attestation[]): void {
  for (const attestation of more) {
    const same = known.filter(({ signer }) => signer === attestation.signer);
    if (same.length >= mostOfOneSigner) continue;
    if (!same.some(({ inputsRoot }) => equalBytes(inputsRoot, attestation.inputsRoot))) known.push(attestation);
  }
}

/**
 * What the other aggregators attest of a round, and what they know that others do: each signed by an aggregator, at most two
 * different ones of each. Who does not answer is passed over.
 */
export async function askForAttestations(node: Node, round: number): Promise<Attestation[]> {
  const { aggregators, endpoints } = node.federation.state;
  const limit = pLimit(asksAtOnce);
  const peers = [...aggregators].filter((account) => account !== node.account && endpoints.has(account));
  const answers = await Promise.all(
    peers.map((account) =>
      limit(async () => {
        const attestations = await ask(node, round, endpoints.get(account)!);
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

async function ask(node: Node, round: number, endpoint: string): Promise<Attestation[]> {
  const { federation, addresses, parameters, signal } = node;
  const timeoutMs = Math.min(longestAskMs, parameters().turnSeconds * 250);
  const maxBytes = attestationBytes * mostOfOneSigner * (federation.state.aggregators.size + formerAggregators);
  const limits = { maxBytes, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) };
  try {
    const document = parseWith(
      documentSchema,
      await fetchDocument(endpoint, attestationsPath(round), limits),
      'attestations',
    );
    return document.flatMap((attestation) => {
      const { signer, inputsRoot, signature } = attestation;
      const signed = attestationSigner(addresses, round, inputsRoot, signature) === signer;
      if (!signed || !federation.state.aggregators.has(signer)) return [];
      return [{ ...attestation, signature: Signature.from(signature).serialized }];
    });
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return [];
  }
}

/** Where an aggregator serves what it knows of a round's attestations. */
export function attestationsPath(round: number): string {
  return `/attestations/${round}`;
}

/** The inputs behind an attestation; undefined where nobody serves them, or they are not what was signed. */
export async function fetchAttestedInputs(
  node: Node,
  round: Round,
  { signer, inputsRoot, inputCount, inputsCid }: Omit<Attestation, 'signature'>,
): Promise<readonly RoundInput[] | undefined> {
  if (inputCount > round.submissions.size) return undefined;
  const maxBytes = inputsListBytes(inputCount);
  try {
    const list = await node.store.get(cidFromDigest(inputsCid, maxBytes), {
      maxBytes,
      signal: AbortSignal.any([withFetchTimeout(node.signal), AbortSignal.timeout(longestAskMs)]),
      peers: peerEndpoints(node.federation, node.account, [signer]),
    });
    const { inputs, tree } = buildInputsTree(decodeInputsList(list));
    return equalBytes(sumTreeRoot(tree).hash, inputsRoot) ? inputs : undefined;
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return undefined;
  }
}

/** An aggregator's own attestations and those it has seen, round by round. */
export interface AttestationBook {
  known(round: number): readonly Attestation[];
  own(round: number): Attestation | undefined;
  learn(round: number, attestations: readonly Attestation[]): void;
  /**
   * Attests these inputs, unless this account has ever attested others for the round: that attestation then stays the one.
   * Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE.
   */
  attest(round: number, inputs: AttestedInputs): Promise<Attestation>;
  /** Keeps nothing in memory of rounds before this one. */
  forgetBefore(round: number): void;
}

/** Serves what it knows. Errors: FOLDER_NOT_WRITABLE, CONFIG_INVALID (a file that is none of ours). */
export async function openAttestationBook(
  node: Pick<Node, 'folder' | 'account' | 'addresses' | 'sender' | 'documents'>,
): Promise<AttestationBook> {
  const { account, addresses, sender, documents } = node;
  const folder = join(node.folder, 'attestations');
  const fileOf = (round: number) => join(folder, `${round}.json`);
  const rounds = new Map<number, Attestation[]>();
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!/^\d+\.json$/.test(name)) await rm(join(folder, name), { force: true });
    else learn(Number.parseInt(name, 10), [await readOwn(join(folder, name))]);
  }

  async function readOwn(path: string): Promise<Attestation> {
    return parseWith(attestationSchema, JSON.parse(await readFile(path, 'utf8')), path);
  }

  function learn(round: number, attestations: readonly Attestation[]): void {
    const known = rounds.get(round) ?? [];
    rounds.set(round, known);
    addInPlace(known, attestations);
    documents.set(attestationsPath(round), () => toDocument(known));
  }

  function own(round: number): Attestation | undefined {
    return rounds.get(round)?.find(({ signer }) => signer === account);
  }

  async function attest(round: number, inputs: AttestedInputs): Promise<Attestation> {
    if (existsSync(fileOf(round))) return await readOwn(fileOf(round));
    // others may have shown one that this folder has lost
    const attestation = own(round) ?? (await sign(round, inputs));
    const [document] = toDocument([attestation]);
    await writeDurably([{ path: fileOf(round), bytes: new TextEncoder().encode(JSON.stringify(document)) }], folder);
    learn(round, [attestation]);
    return attestation;
  }

  async function sign(round: number, inputs: AttestedInputs): Promise<Attestation> {
    const signature = await sender.signTypedData(attestationData(addresses, round, inputs.inputsRoot));
    return { ...inputs, signer: account, signature };
  }

  return {
    known: (round) => rounds.get(round) ?? [],
    own,
    learn,
    attest,
    forgetBefore(round) {
      for (const number of rounds.keys()) {
        if (number >= round) continue;
        rounds.delete(number);
        documents.delete(attestationsPath(number));
      }
    },
  };
}
