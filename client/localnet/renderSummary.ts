/** The last words of a run, for people. */
import {
  formatBytes,
  formatCount,
  formatMetric,
  formatPercent,
  formatSeconds,
  formatTokens,
  metricWords,
} from './format.ts';
import { renderAttack } from './renderAttack.ts';
import type { RunSummary } from './summary.ts';
import type { Colors } from './table.ts';

export function renderSummary(summary: RunSummary, colors: Colors): string {
  const { rounds, model, kept } = summary;
  const { name, values } = summary.metric ?? { name: 'accuracy', values: summary.accuracy };
  const shown = (value: number) => formatMetric(name, value);
  const engine = summary.program === undefined ? '' : ` --engine process:'${summary.program}'`;
  const last = summary.perRound.at(-1)!;
  const lines: [string, string][] = [
    [
      metricWords[name]!,
      `${shown(values[0]!)} after the first round, ${colors.bold(colors.green(shown(values.at(-1)!)))} after round ${last.round}, on ${formatCount(summary.heldOutSamples)} held-out samples`,
    ],
    [
      'time',
      `${formatSeconds(summary.wallSeconds)} for ${rounds} rounds, of which ${formatSeconds(summary.trainingSeconds)} training; ${formatSeconds(summary.totalSeconds)} in all`,
    ],
    ['overhead', `${formatPercent(summary.overheadShare)} of the rounds' time: chain, IPFS, hashing, aggregation`],
    [
      'gas',
      `${formatCount(summary.gasPerSubmission)} a submission, ${formatCount(Math.round(summary.gasTotal / rounds))} a round`,
    ],
    [
      'bytes',
      `${formatBytes(summary.bytesPerUpdate)} an update, ${formatBytes(summary.bytesTotal / rounds)} published a round`,
    ],
    ...privacyLines(summary),
    ...rewardLines(summary),
    ...filesOf(model).map((file, index): [string, string] => [index === 0 ? 'model' : '', file]),
    ['root', summary.modelRoot],
    ['cid', summary.modelCid],
  ];
  const look = kept
    ? [
        `npx tributary status --deployment ${summary.deployment}`,
        `npx tributary rewards --deployment ${summary.deployment}`,
        `npx tributary fetch-model --deployment ${summary.deployment} --output my-model`,
        'Ctrl-C ends the processes that are left.',
      ]
    : [
        `npx tributary evaluate --checkpoint ${model.checkpoint} --source '${summary.heldOut}'${engine}`,
        'npx tributary start --keep    leaves the federation running, and says how it is asked',
        'npx tributary start --help    more trainers, other models, rules and data',
      ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    ...lines.map(([name, text]) => `  ${colors.dim(name.padEnd(width))}  ${text}`),
    '',
    ...(summary.attack === undefined ? [] : renderAttack(summary.attack, colors)),
    `  ${colors.bold('Look further')}`,
    ...look.map((line) => `    ${line}`),
    '',
  ].join('\n');
}

function filesOf({ onnx, safetensors, checkpoint }: RunSummary['model']): string[] {
  return [...(onnx === undefined ? [] : [onnx]), safetensors, checkpoint];
}

/** The highest earners, as many as fit a look. */
const shownEarners = 10;

function privacyLines({ privacy }: RunSummary): [string, string][] {
  if (privacy === undefined) return [];
  return [
    [
      'privacy',
      `ε = ${privacy.epsilon.toFixed(2)} for every record, δ = ${privacy.delta}, whatever anyone does with the updates`,
    ],
  ];
}

function rewardLines({ rewards: { earned, paidGwei, finalRound } }: RunSummary): [string, string][] {
  if (finalRound === 0) return [];
  const width = Math.max(...earned.map(({ process }) => process.length));
  const shown = earned.slice(0, shownEarners);
  const hidden = earned.length - shown.length;
  return [
    ['rewards', `${formatTokens(paidGwei)} tokens, final up to round ${finalRound}`],
    ...shown.map(({ process, gwei }): [string, string] => [
      '',
      `${process.padEnd(width)}  ${formatTokens(gwei)} tokens`,
    ]),
    ...(hidden > 0 ? [['', `and ${hidden} more`] satisfies [string, string]] : []),
  ];
}
