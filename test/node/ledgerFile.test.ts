import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLedgerFile } from '../../client/node/ledgerFile.ts';
import { encodeLedger } from '../../client/privacy/accounting/ledger.ts';
import { seal } from '../../client/storage/seal.ts';
import { tributary } from '../cli/tributary.ts';
import { expectCode } from '../governance/expectCode.ts';

describe('the ledger in a data folder', () => {
  let folder: string;
  const spending = (round: number) => ({
    ...{ federation: '31337/0xfe', round, times: 40 },
    ...{ noiseMultiplier: 1, samplingRate: 0.05 },
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tributary-ledger-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(bytes: Uint8Array): string {
    const path = join(folder, 'privacy', 'ledger.json');
    mkdirSync(join(folder, 'privacy'), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  }

  it('is read as it was written, and empty where nothing was spent', () => {
    expect(readLedgerFile(folder)).to.deep.equal([]);
    write(seal(encodeLedger([spending(1), spending(2)])));
    expect(readLedgerFile(folder)).to.deep.equal([spending(1), spending(2)]);
  });

  it('that is damaged, or was set aside, is never taken for an empty one', () => {
    const path = write(encodeLedger([spending(1)])); // without its seal
    expectCode(() => readLedgerFile(folder), 'PRIVACY_LEDGER_BEHIND', /ledger\.json is damaged.*from a backup/);
    renameSync(path, `${path}.damaged-1`);
    expectCode(() => readLedgerFile(folder), 'PRIVACY_LEDGER_BEHIND', /ledger\.json is damaged/);
    expectCode(() => readLedgerFile(join(folder, 'none')), 'CONFIG_INVALID', /there is no folder/);
  });

  it('is what `tributary privacy status` adds up, over several folders, beside a budget', async () => {
    write(seal(encodeLedger([spending(1), spending(2), spending(2)])));
    const status = ['privacy', 'status', '--json', '--epsilon', '9'];
    const [one, two, wrong] = await Promise.all([
      tributary([...status, '--data', folder]),
      tributary([...status, '--data', folder, folder]),
      tributary([...status, '--data', folder, '--delta', '2']),
    ]);
    const [first, both] = [one, two].map(({ stdout }) => JSON.parse(stdout) as { epsilon: number; left: number });
    expect(first!.epsilon).to.be.within(1, 9);
    expect(first!.left).to.be.closeTo(9 - first!.epsilon, 1e-9);
    expect(both!.epsilon).to.be.above(first!.epsilon);
    expect(wrong.code).to.equal(10);
    expect(wrong.stdout).to.match(/--delta: \\"2\\" is not a number between 0 and 1/);
    const { stdout } = await tributary(['privacy', 'status', '--data', folder]);
    expect(stdout).to.match(/31337\/0xfe: 2 rounds, 1 of them once more, 120 steps in all/);
  });
});
