/** A data folder with one file of each kind, written by the roles' own code. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CID } from 'multiformats/cid';
import { openRecords } from '../../client/archive/records.ts';
import { openBallots } from '../../client/evaluator/ballots.ts';
import { openMeasurements, writeMeasured } from '../../client/evaluator/measuring.ts';
import { keptKindOf } from '../../client/node/fileKinds.ts';
import { openFolder } from '../../client/node/folder.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { openPaymentBook } from '../../client/node/openSpending.ts';
import { openAttestationBook } from '../../client/participant/rounds/attestationBook.ts';
import { buildDag } from '../../client/storage/dag.ts';
import { openKeptFiles } from '../../client/storage/durable.ts';
import { openEmbeddedStore } from '../../client/storage/embedded.ts';
import { type Damage, readJson, writeJson } from '../../client/storage/keptFiles.ts';
import { openOutbox } from '../../client/trainer/outbox.ts';
import { addresses } from '../participant/addresses.ts';

const wallet = developmentWallet(1);
export const account = wallet.address;
const hash = new Uint8Array(32).fill(3);
export const update = Uint8Array.from({ length: 128 }, (_, index) => index);
export const blob = Uint8Array.from({ length: 300 }, (_, index) => (index * 7) % 251);

const { root: cid } = await buildDag(blob);
export const cidOfBlob = cid.toString();

export interface Read {
  update: Uint8Array | undefined;
  salt: Uint8Array | undefined;
  inputCount: number | undefined;
  losses: unknown;
  /** Rounds that were measured. */
  measured: number[];
  /** What was paid lately, in wei. */
  paid: string[];
  /** CIDs that an archive holds for round 4. */
  archived: readonly string[] | undefined;
  blob: Uint8Array | undefined;
  pinned: boolean;
}

export interface DataFolder {
  read(): Promise<Read>;
  write(): Promise<void>;
  /** Signs the inputs of the round for which there is an attestation, or others. */
  attest(inputCount: number): Promise<number>;
  /** All that was said to be damaged. */
  damages: Damage[];
  cid: CID;
  release(): Promise<void>;
}

/** As a process opens it. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const damages: Damage[] = [];
  const onDamaged = (damage: Damage) => damages.push(damage);
  const folder = openFolder(path, { account, onDamaged });
  const files = (purpose: string) =>
    openKeptFiles(join(path, purpose), { onDamaged, replaceable: keptKindOf(purpose).replaceable });
  const store = await openEmbeddedStore({ folder: join(path, 'blobs'), onDamaged });
  const outbox = openOutbox(await files('outbox'));
  const ballots = await openBallots(await files('ballots'));
  const losses = await files('losses');
  const metrics = await files('metrics');
  const { measured } = await openMeasurements(metrics);
  const payments = openPaymentBook(await files('payments'), () => undefined);
  const records = await openRecords(await files('archive'));
  const sender = { signTypedData: ({ domain, types, value }: never) => wallet.signTypedData(domain, types, value) };
  const book = await openAttestationBook({ files, account, addresses, sender, documents: new Map() } as never);
  const inputs = (inputCount: number) => ({
    edition: 2,
    inputsRoot: hash.map(() => inputCount),
    inputCount,
    inputsCid: hash,
  });
  return {
    damages,
    cid,
    async write() {
      await store.put(blob);
      await outbox.write(4, update);
      await ballots.write({ round: 4, proposedAt: 100, scores: Int16Array.of(1, -2), salt: hash, found: new Map() });
      await book.attest(4, inputs(1));
      await writeJson(losses, 'readTo.json', { readTo: 17 });
      const modelRoot = `0x${'03'.repeat(32)}`;
      await writeMeasured({ files: metrics, measured: [{ round: 4, modelRoot, metric: 'auc', value: '0.5' }] });
      await payments.write([{ at: 1, wei: '5' }]);
      await records.set(4, { cids: [cid.toString()], archived: true });
    },
    attest: async (inputCount) => (await book.attest(4, inputs(inputCount))).inputCount,
    async read() {
      const signal = AbortSignal.timeout(5000);
      return {
        update: (await outbox.rounds()).includes(4) ? await outbox.read(4) : undefined,
        salt: ballots.find(4, 100)?.salt,
        inputCount: book.own(4, 2)?.inputCount,
        losses: await readJson(losses, 'readTo.json'),
        measured: measured.map(({ round }) => round),
        paid: (await payments.read()).map(({ wei }) => wei),
        archived: records.get(4)?.cids,
        blob: await store.get(cid, { maxBytes: 1000, signal }).catch(() => undefined),
        pinned: await store.has(cid),
      };
    },
    async release() {
      await store.close();
      folder.release();
    },
  };
}

/** Paths below the folder, without those that were set aside. */
export function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.filter((file) => !file.includes('.damaged')).sort();
}
