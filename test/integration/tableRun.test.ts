/** A newcomer's table, from the file to a model that classifies one patient: no description, no configuration. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createRandom } from '../../client/core/random.ts';
import { tributary } from '../cli/tributary.ts';
import { fewProcesses } from './processes.ts';

describe('a federation on a table', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-table-'));
  after(() => rmSync(folder, { recursive: true }));

  it('describes it, gives each process its part, and its model classifies a patient by the task’s constants', async () => {
    const random = createRandom('table');
    const rows = Array.from({ length: 120 }, (_, row) => {
      const isSick = row % 2 === 1;
      return `${(100 + (isSick ? 60 : 0) + 8 * random.normal()).toFixed(1)};${random.below(2) ? 'ER' : 'ICU'};${isSick ? 'sick' : 'well'}`;
    });
    const table = join(folder, 'table.csv');
    writeFileSync(table, `glucose;ward;out&come\n${rows.join('\n')}\n`);
    const run = join(folder, 'run');
    const small = [...fewProcesses, '--rounds', '1', '--model', 'logistic'];
    const data = ['--data', `csv:${table}?label=out%26come`];
    const { code, stdout, stderr } = await tributary(['start', ...small, ...data, '--folder', run, '--json']);
    expect(code, stderr).to.equal(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const read = events.filter(({ event }) => event === 'dataRead');
    expect(read.map((event) => event.samples).sort()).to.have.length(3);
    for (const event of read) expect(event).to.deep.include({ read: 120, used: 120, skipped: [] });
    const order = events.filter(({ process }) => process === 'trainer 1').map(({ event }) => event);
    expect(order.indexOf('dataRead')).to.be.within(0, order.indexOf('joined'));
    expect(events.find(({ event }) => event === 'dataDescribed').questions.join()).to.match(
      /glucose: the mean .* mg\/dl/,
    );
    const config = JSON.parse(readFileSync(join(run, 'tributary.json'), 'utf8'));
    expect(config.data.label).to.deep.equal({ kind: 'class', column: 'out&come', classes: ['sick', 'well'] });

    const patient = join(folder, 'patient.csv');
    writeFileSync(patient, 'out&come,ward,glucose\nsick,ER,171\n');
    const checkpoint = join(run, 'model', 'checkpoint.json');
    const evaluated = await tributary(['evaluate', '--checkpoint', checkpoint, '--source', `csv:${patient}`, '--json']);
    expect(JSON.parse(evaluated.stdout), evaluated.stderr).to.include({ accuracy: 1, samples: 1 });
  });
});
