/** A node's own attestations, one for each edition of a round, on disk before anybody sees it; and those of others that it has seen. */
import { attestationData } from '../../chain/attestation.ts';
import { TributaryError } from '../../core/errors.ts';
import { readJson, writeJson } from '../../storage/keptFiles.ts';
import type { Participant } from '../participant.ts';
import {
  type Attestation,
  type AttestedInputs,
  addInPlace,
  attestationsPath,
  attestedRoundOf,
  isSigned,
  parseAttestation,
  readAttestations,
  toDocument,
} from './attestations.ts';

export interface AttestationBook {
  /** Those of an edition of the round. */
  known(round: number, edition: number): readonly Attestation[];
  own(round: number, edition: number): Attestation | undefined;
  learn(round: number, attestations: readonly Attestation[]): void;
  /**
   * Attests these inputs, unless this account has ever attested others for the edition: that attestation then stays the one.
   * Durable when it answers. Errors: DISK_FULL, FOLDER_NOT_WRITABLE, FILE_UNREADABLE (retryable), FOLDER_DAMAGED where it is lost.
   */
  attest(round: number, inputs: AttestedInputs): Promise<Attestation>;
  /** Its file is damaged and nobody has shown it: it may have been seen, and another beside it costs stake. */
  isLost(round: number, edition: number): Promise<boolean>;
  /** Keeps nothing in memory of rounds before this one. */
  forgetBefore(round: number): void;
}

const fileName = /^(\d+)-\d+\.json$/;

function nameOf(round: number, edition: number): string {
  return `${round}-${edition}.json`;
}

/** Takes what its signer hands in. Answers false for what is no attestation of a member, for a round that is not over. */
export async function takeAttestation(
  node: Pick<Participant, 'addresses' | 'federation' | 'rewards'>,
  book: AttestationBook,
  path: string,
  document: unknown,
): Promise<boolean> {
  const round = attestedRoundOf(node, path);
  if (round === undefined) return false;
  try {
    const found = await readAttestations(node, round, [document]);
    book.learn(round, found);
    return found.length > 0;
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return false;
  }
}

/** Serves what it knows; a file that holds no attestation is set aside. Errors: those of `KeptFiles.read`. */
export async function openAttestationBook(
  node: Pick<Participant, 'files' | 'account' | 'addresses' | 'sender' | 'documents' | 'federation' | 'rewards'>,
): Promise<AttestationBook> {
  const { account, addresses, sender, documents } = node;
  const files = await node.files('attestations');
  const rounds = new Map<number, Attestation[]>();
  for (const name of await files.names()) {
    const found = fileName.exec(name);
    const kept = found === null ? undefined : await readOwn(name);
    if (found === null || kept === undefined) await files.remove(name);
    else learn(Number(found[1]), [kept]);
  }

  function readOwn(name: string): Promise<Attestation | undefined> {
    return readJson(files, name, (document) => parseAttestation(document, `attestations/${name}`));
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

  async function isLost(round: number, edition: number): Promise<boolean> {
    const name = nameOf(round, edition);
    if (own(round, edition) !== undefined || (await readOwn(name)) !== undefined) return false;
    return await files.wasSetAside(name);
  }

  async function attest(round: number, inputs: AttestedInputs): Promise<Attestation> {
    const name = nameOf(round, inputs.edition);
    const kept = await readOwn(name);
    if (await isLost(round, inputs.edition)) {
      const message = `The attestation of round ${round} is damaged, and is not made twice: look through the folder with \`tributary doctor --data\`.`;
      throw new TributaryError('FOLDER_DAMAGED', message, { args: { round, edition: inputs.edition } });
    }
    // others may have shown one that this folder has lost
    const before = kept ?? own(round, inputs.edition);
    // the same inputs are signed once more where the account has another key now
    const attestation = before && (await isStanding(round, before)) ? before : await sign(round, before ?? inputs);
    if (attestation !== kept) await keep(name, round, attestation);
    return attestation;
  }

  /** One of another account, which had this folder before, stays the one all the same. */
  async function isStanding(round: number, attestation: Attestation): Promise<boolean> {
    return attestation.signer !== account || (await isSigned(node, round, attestation));
  }

  async function keep(name: string, round: number, attestation: Attestation): Promise<void> {
    const [document] = toDocument([attestation]);
    await writeJson(files, name, document);
    learn(round, [attestation]);
  }

  async function sign(round: number, inputs: AttestedInputs): Promise<Attestation> {
    const { edition, inputsRoot, inputCount, inputsCid } = inputs;
    const signature = await sender.signTypedData(attestationData(addresses, { round, edition, inputsRoot }));
    return { edition, inputsRoot, inputCount, inputsCid, signer: account, signature };
  }

  return {
    known,
    own,
    learn,
    attest,
    isLost,
    forgetBefore(round) {
      for (const number of rounds.keys()) {
        if (number >= round) continue;
        rounds.delete(number);
        documents.delete(attestationsPath(number));
      }
    },
  };
}
