/** A node's own attestations, one for each edition of a round, on disk before anybody sees it; and those of others that it has seen. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attestationData } from '../chain/attestation.ts';
import { TributaryError } from '../core/errors.ts';
import { writeDurably } from '../storage/durable.ts';
import {
  type Attestation,
  type AttestedInputs,
  addInPlace,
  attestationsPath,
  attestedRoundOf,
  parseAttestation,
  readAttestations,
  toDocument,
} from './attestations.ts';
import type { Node } from './node.ts';

export interface AttestationBook {
  /** Those of an edition of the round. */
  known(round: number, edition: number): readonly Attestation[];
  own(round: number, edition: number): Attestation | undefined;
  learn(round: number, attestations: readonly Attestation[]): void;
  /**
   * Attests these inputs, unless this account has ever attested others for the edition: that attestation then stays the one.
   * Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE.
   */
  attest(round: number, inputs: AttestedInputs): Promise<Attestation>;
  /** Keeps nothing in memory of rounds before this one. */
  forgetBefore(round: number): void;
}

const fileName = /^(\d+)-\d+\.json$/;

/** Takes what its signer hands in. Answers false for what is no attestation of a member, for a round that is not over. */
export function takeAttestation(
  node: Pick<Node, 'addresses' | 'federation' | 'rewards'>,
  book: AttestationBook,
  path: string,
  document: unknown,
): boolean {
  const round = attestedRoundOf(node, path);
  if (round === undefined) return false;
  try {
    const found = readAttestations(node, round, [document]);
    book.learn(round, found);
    return found.length > 0;
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return false;
  }
}

/** Serves what it knows. Errors: FOLDER_NOT_WRITABLE, CONFIG_INVALID (a file that is none of ours). */
export async function openAttestationBook(
  node: Pick<Node, 'folder' | 'account' | 'addresses' | 'sender' | 'documents'>,
): Promise<AttestationBook> {
  const { account, addresses, sender, documents } = node;
  const folder = join(node.folder, 'attestations');
  const fileOf = (round: number, edition: number) => join(folder, `${round}-${edition}.json`);
  const rounds = new Map<number, Attestation[]>();
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const found = fileName.exec(name);
    if (found === null) await rm(join(folder, name), { force: true });
    else learn(Number(found[1]), [await readOwn(join(folder, name))]);
  }

  async function readOwn(path: string): Promise<Attestation> {
    return parseAttestation(await readFile(path, 'utf8'), path);
  }

  function learn(round: number, attestations: readonly Attestation[]): void {
    const all = rounds.get(round) ?? [];
    rounds.set(round, all);
    addInPlace(all, attestations);
    documents.set(attestationsPath(round), () => toDocument(all));
  }

  function known(round: number, edition: number): Attestation[] {
    return (rounds.get(round) ?? []).filter((attestation) => attestation.edition === edition);
  }

  function own(round: number, edition: number): Attestation | undefined {
    return known(round, edition).find(({ signer }) => signer === account);
  }

  async function attest(round: number, inputs: AttestedInputs): Promise<Attestation> {
    const path = fileOf(round, inputs.edition);
    if (existsSync(path)) return await readOwn(path);
    // others may have shown one that this folder has lost
    const attestation = own(round, inputs.edition) ?? (await sign(round, inputs));
    const [document] = toDocument([attestation]);
    await writeDurably([{ path, bytes: new TextEncoder().encode(JSON.stringify(document)) }], folder);
    learn(round, [attestation]);
    return attestation;
  }

  async function sign(round: number, inputs: AttestedInputs): Promise<Attestation> {
    const { edition, inputsRoot } = inputs;
    const signature = await sender.signTypedData(attestationData(addresses, { round, edition, inputsRoot }));
    return { ...inputs, signer: account, signature };
  }

  return {
    known,
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
