/** A data folder by any name, and after any end: what a process kept in it the next one finds. */
import { type ExecFileException, execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';

const client = new URL('../../client/', import.meta.url).href;
const wallet = `0x${'11'.repeat(32)}`;

/** Says what is in the folder, adds to it, and is killed with the folder still locked. */
const program = `
const { openFolder } = await import('${client}node/folder.ts');
const { openEmbeddedStore } = await import('${client}storage/embedded.ts');
const { openOutbox } = await import('${client}trainer/outbox.ts');
const { openBallots } = await import('${client}evaluator/ballots.ts');
const { openAttestationBook } = await import('${client}participant/rounds/attestationBook.ts');
const { openKeptFiles } = await import('${client}storage/durable.ts');
const { Wallet } = await import('${import.meta.resolve('ethers')}');
const { buildDag } = await import('${client}storage/dag.ts');
const [name, turn] = process.argv.slice(1);
const folder = openFolder(name).path;
const files = (purpose) => openKeptFiles(folder + '/' + purpose);
process.chdir('/');
const signer = new Wallet('${wallet}');
const unswept = [];
const store = await openEmbeddedStore({ folder: folder + '/blobs', onNotSwept: (reason) => unswept.push(reason) });
const outbox = openOutbox(await files('outbox'));
const ballots = await openBallots(await files('ballots'));
const sender = { signTypedData: ({ domain, types, value }) => signer.signTypedData(domain, types, value) };
const addresses = { chainId: 1, federation: signer.address };
const book = await openAttestationBook({ files, account: signer.address, addresses, sender, documents: new Map() });
const blobOf = (number) => new Uint8Array(1_500_000).fill(number);
const found = { blobs: 0, updates: (await outbox.rounds()).length, ballots: [...ballots.all()].length, attested: 0 };
for (let before = 1; before < Number(turn); before++) {
  if (await store.has((await buildDag(blobOf(before))).root)) found.blobs++;
  if (book.own(before, 0) !== undefined) found.attested++;
}
const round = Number(turn);
const hash = new Uint8Array(32).fill(round);
await store.put(blobOf(round));
await outbox.write(round, hash);
await ballots.write({ round, proposedAt: 1, scores: new Int16Array(1), salt: hash, found: new Map() });
await book.attest(round, { edition: 0, inputsRoot: hash, inputCount: 1, inputsCid: hash });
process.stdout.write(JSON.stringify({ folder, unswept, ...found }), () => process.kill(process.pid, 'SIGKILL'));
`;

describe('a data folder', () => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-folder-')));
  after(() => rmSync(base, { recursive: true }));

  function run(name: string, cwd: string, turn: number): Promise<Record<string, unknown>> {
    const args = ['--input-type=module-typescript', '-e', program, name, String(turn)];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, args, { cwd }, (error: ExecFileException | null, stdout, stderr) => {
        if (error?.signal === 'SIGKILL' && stdout !== '') resolve(JSON.parse(stdout) as Record<string, unknown>);
        else reject(new Error(stderr));
      });
    });
  }

  it('gives back all that was kept, by whatever name it is called, from wherever, after a kill', async () => {
    const [folder, elsewhere, link] = ['data', 'elsewhere', 'link'].map((name) => join(base, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [folder, elsewhere]) mkdirSync(path);
    symlinkSync(folder, link);
    const names: [name: string, cwd: string][] = [
      ['data', base],
      ['data', base],
      [folder, elsewhere],
      [link, elsewhere],
      [relative(elsewhere, folder), elsewhere],
      [join('elsewhere', '..', 'link'), base],
      ['.', folder],
    ];
    for (const [index, [name, cwd]] of names.entries()) {
      const found = await run(name, cwd, index + 1);
      const all = { blobs: index, updates: index, ballots: index, attested: index };
      expect(found, name).to.deep.equal({ folder, unswept: [], ...all });
    }
  });
});
