import { createLogUpdate } from 'log-update';
import { describeEvent } from '../participant/describeEvent.ts';
import { describeFindings } from '../training/findings.ts';
import { type Activity, activityOf } from './activity.ts';
import { progressBar, truncate } from './format.ts';
import type { Output } from './output.ts';
import { describeRunEvent } from './outputLines.ts';
import type { TimedEvent } from './processes.ts';
import { renderSummary } from './renderSummary.ts';
import { type Colors, renderRounds } from './table.ts';
import type { TableRow } from './tally.ts';

const redrawMs = 100;
const barWidth = 24;

/** What stays on the screen. */
const persistent: { [event in TimedEvent['event']]?: 'red' | 'green' } = {
  cheated: 'red',
  refuted: 'red',
  stakeLost: 'red',
  refused: 'green',
  challenged: 'green',
  forfeited: 'green',
};

/** The live picture: one line a process, a bar for local training, the table of rounds. */
export function createTerminalOutput(stream: NodeJS.WriteStream, colors: Colors): Output {
  const update = createLogUpdate(stream);
  const activities = new Map<string, Activity>();
  let rows: readonly TableRow[] = [];
  let heading: string[] = [`${colors.bold('Tributary')}  starting a chain`];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const width = () => stream.columns || 80;

  function draw(): void {
    clearTimeout(timer);
    timer = undefined;
    if (closed) return;
    update(renderPicture(heading, activities, rows, colors, { columns: stream.columns, rows: stream.rows }));
  }
  function drawSoon(): void {
    timer ??= setTimeout(draw, redrawMs);
  }
  draw();

  return {
    expect(processes) {
      for (const name of processes) activities.set(name, { text: 'starting' });
      drawSoon();
    },
    run(event) {
      if (event.event === 'deployed') {
        const [who = '', what = ''] = event.title;
        heading = [
          `${colors.bold('Tributary')}  ${truncate(who, width() - 11)}`,
          `           ${truncate(what, width() - 11)}`,
          colors.dim(`           ${truncate(`federation ${event.federation}, folder ${event.folder}`, width() - 11)}`),
        ];
      } else if (event.event === 'chainStarted') {
        heading = [`${colors.bold('Tributary')}  deploying to the chain at ${event.rpcUrl}`];
      } else if (event.event === 'deploying') {
        heading = [truncate(`Tributary  ${describeRunEvent(event)}`, width())];
      } else if (event.event === 'model') {
        // of a model that comes with the engine there is nothing to correct
        if (event.frozen.length + event.changes.length > 0) update.persist(describeFindings(event).join('\n'));
      } else if (event.event === 'compared') {
        heading = [`${colors.bold('Tributary')}  ${describeRunEvent(event)}`];
      } else if (event.event === 'restarted' || event.event === 'unscored' || event.event === 'dataDescribed') {
        update.persist(colors.yellow(describeRunEvent(event)));
      }
      drawSoon();
    },
    process(name, event) {
      const activity = activityOf(event);
      if (activity === undefined) return;
      if (activity.round === undefined) {
        const round = activities.get(name)?.round;
        if (round !== undefined) activity.round = round;
      }
      activities.set(name, activity);
      const color = persistent[event.event];
      if (color !== undefined) update.persist(colors[color](`${name}: ${describeEvent(event)}`));
      drawSoon();
    },
    rounds(newest) {
      rows = newest;
      drawSoon();
    },
    summary(summary) {
      draw();
      update.done();
      closed = true;
      stream.write(`\n${renderSummary(summary, colors)}\n`);
    },
    close() {
      clearTimeout(timer);
      if (!closed) update.done();
      closed = true;
    },
  };
}

/** As many processes and rounds as fit the window. */
export function renderPicture(
  heading: readonly string[],
  activities: ReadonlyMap<string, Activity>,
  rows: readonly TableRow[],
  colors: Colors,
  window: { columns: number; rows: number },
): string {
  const columns = window.columns || 80;
  const height = window.rows || 24;
  const nameWidth = Math.max(0, ...[...activities.keys()].map((name) => name.length));
  // frame, heading and blank lines of picture and table
  const room = Math.max(2, height - heading.length - 7);
  const shownRows = Math.min(rows.length, Math.max(3, room - activities.size));
  const shown = [...activities].slice(0, Math.max(1, room - shownRows));
  const lines = shown.map(
    ([name, activity]) => `  ${renderActivity(name.padEnd(nameWidth), activity, colors, columns)}`,
  );
  const hidden = activities.size - shown.length;
  if (hidden > 0) lines.push(colors.dim(`  and ${hidden} more`));
  const table = rows.length === 0 ? [] : ['', renderRounds(rows, colors, shownRows, columns)];
  return [...heading, '', ...lines, ...table].join('\n');
}

function renderActivity(name: string, { round, text, progress }: Activity, colors: Colors, columns: number): string {
  const place = round === undefined ? '' : `round ${round}`;
  const prefix = `${colors.cyan(name)}  ${place.padEnd(9)}`;
  const room = Math.max(10, columns - name.length - 16);
  if (progress === undefined) return `${prefix}  ${truncate(text, room)}`;
  const percent = `${Math.round(100 * progress)} %`.padStart(5);
  const bar = colors.green(progressBar(progress, barWidth));
  return `${prefix}  ${bar} ${percent}  ${truncate(text, Math.max(5, room - barWidth - 8))}`;
}
