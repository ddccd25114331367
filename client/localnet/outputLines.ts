import { describeStep } from '../deployment/deployFile.ts';
import { describeEvent } from '../participant/describeEvent.ts';
import { describeFindings } from '../training/findings.ts';
import { formatMetric, formatPercent, metricWords } from './format.ts';
import type { Output, RunEvent } from './output.ts';
import { renderSummary } from './renderSummary.ts';
import { type Colors, renderRounds } from './table.ts';
import type { TableRow } from './tally.ts';

/** For logs and pipes: a line for each event, the table at the end, no colours, nothing rewritten. */
export function createLinesOutput(write: (text: string) => void, colors: Colors): Output {
  let rows: readonly TableRow[] = [];
  let width = 0;
  const print = (name: string, text: string) => write(`${name.padEnd(width)}  ${text}\n`);
  return {
    expect(processes) {
      width = Math.max(...processes.map((name) => name.length));
    },
    run(event) {
      print('start', describeRunEvent(event));
    },
    process(name, event) {
      // what each of many processes waits for the others do before anybody has read it
      const sentence = event.event === 'awaiting' ? undefined : describeEvent(event);
      if (sentence !== undefined) print(name, sentence);
    },
    rounds(newest) {
      rows = newest;
    },
    summary(summary) {
      write(`\n${renderRounds(rows, colors)}\n\n${renderSummary(summary, colors)}\n`);
    },
    close() {},
  };
}

export function describeRunEvent(event: RunEvent): string {
  switch (event.event) {
    case 'chainStarted':
      return `chain ${event.chainId} at ${event.rpcUrl}`;
    case 'model':
      return describeFindings(event).join('; ');
    case 'deploying':
      return `deploying: ${describeStep(event)}`;
    case 'deployed':
      return `${event.title.join('; ')}; federation ${event.federation}, ${event.dimension} parameters, folder ${event.folder}`;
    case 'dataDescribed':
      return `described the data, and asks: ${event.questions.join(' ')}`;
    case 'restarted':
      return `${event.process} ended (${event.reason}): started again, attempt ${event.attempt}`;
    case 'evaluated':
      if (event.metric !== undefined) {
        const { name, value } = event.metric;
        return `round ${event.round}: ${metricWords[name]} ${formatMetric(name, value)} on the held-out samples`;
      }
      return `round ${event.round}: ${formatPercent(event.accuracy)} of the held-out samples are classified rightly`;
    case 'compared':
      return `without the attack, round ${event.round}: ${formatPercent(event.accuracy)} of the held-out samples are classified rightly`;
    case 'unscored':
      return `round ${event.round}: no scores in time; trainers were paid nothing`;
    case 'exported':
      return `exported the model: ${event.onnx ?? event.safetensors}`;
  }
}
