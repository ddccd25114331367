/** `tributary data`: what is printed, written and answered by the exit code. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { encodeManifest } from '../../client/core/task.ts';
import { manifestOf, readFederationConfig } from '../../client/deployment/config.ts';
import { allAt } from '../deployment/deploymentFile.ts';
import { tributary } from './tributary.ts';

describe('tributary data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-data-'));
  after(() => rmSync(folder, { recursive: true }));

  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const table = (scale: number, classes: [string, string] = ['no', 'yes']) =>
    `glucose,CD4+\n${Array.from({ length: 40 }, (_, i) => `${((80 + i * 3) * scale).toFixed(2)},${classes[i % 2]}`).join('\n')}\n`;

  it('describes, and checks what others have against it', async () => {
    const source = `csv:${write('first.csv', table(1))}`;
    const output = join(folder, 'data.json');
    const described = await tributary(['data', 'describe', source, '--label', 'CD4+', '--output', output]);
    expect(described.code, described.stderr).to.equal(0);
    expect(described.stderr)
      .to.match(/\? glucose: the mean 138\.5 suggests mg\/dl/)
      .and.to.include(`Wrote ${output}`);
    const data = JSON.parse(readFileSync(output, 'utf8'));
    expect(data.label).to.deep.equal({ kind: 'class', column: 'CD4+', classes: ['no', 'yes'] });

    const [printed, other, wrong] = await Promise.all([
      tributary(['data', 'describe', `${source}?label=CD4%2B`]),
      tributary(['data', 'check', `csv:${write('mmol.csv', table(1 / 18))}`, '--manifest', output]),
      tributary([
        'data',
        'check',
        `csv:${write('texts.csv', table(1, ['No', 'yes']))}`,
        '--manifest',
        output,
        '--json',
      ]),
    ]);
    expect(JSON.parse(printed.stdout)).to.deep.equal(data);
    expect(other.code).to.equal(exitCodes.DATA_INVALID);
    expect(other.stdout).to.match(/40 samples, 40 are used\nclasses: no: 20, yes: 20\n[\s\S]*glucose[\s\S]*138\.5/);
    expect(other.stderr).to.match(/^csv:.*"glucose" has the mean 7\.\d+ here .*looks like mmol\/l.*units=confirmed/);
    const [report, failed] = wrong.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(report).to.include({ event: 'dataChecked', read: 40, used: 20, fits: false });
    expect(report.skipped[0].first).to.have.length(10);
    expect(report.skipped[0].first[0]).to.equal('row 2, column "CD4+": "No"');
    expect(failed).to.include({ event: 'failed', code: 'DATA_INVALID' });
  });

  it('checks against a configuration, and against the manifest beside a deployment whose chain is away', async () => {
    const config = write('tributary.json', '{ "name": "wards", "data": "data.json" } // beside it');
    const { manifest } = await manifestOf(await readFederationConfig(config));
    mkdirSync(join(folder, 'blobs'));
    write('blobs/manifest', encodeManifest(manifest));
    const deployment = write(
      'deployment.json',
      JSON.stringify({
        ...allAt(`0x${'12'.repeat(20)}`),
        ...{ name: 'wards', chainId: 31_337, rpcUrl: 'http://127.0.0.1:1', deployBlock: 0, blobs: ['blobs/manifest'] },
      }),
    );
    const source = `csv:${join(folder, 'first.csv')}`;
    const [byConfig, byDeployment, none] = await Promise.all([
      tributary(['data', 'check', source, '--config', config, '--json']),
      tributary(['data', 'check', source, '--deployment', deployment]),
      tributary(['data', 'check', source]),
    ]);
    expect(byConfig.code, byConfig.stderr).to.equal(0);
    expect(JSON.parse(byConfig.stdout)).to.include({ read: 40, used: 40, fits: true });
    expect(byDeployment.code, byDeployment.stderr).to.equal(0);
    expect(byDeployment.stdout).to.match(/40 samples, 40 are used/);
    expect(none.code).to.equal(exitCodes.USAGE);
    expect(none.stderr).to.match(/one of --deployment, --config and --manifest/);
  });
});
