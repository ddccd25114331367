/** What somebody should know who is handed a model (Mitchell et al., https://arxiv.org/abs/1810.03993), as Markdown. */
import type { DataDescription } from '../../core/data/description.ts';
import type { TaskManifest } from '../../core/task.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { dataInWords } from './dataInWords.ts';
import type { ModelHistory } from './history.ts';
import { markdownTable } from './markdown.ts';
import { usageOf } from './usage.ts';

/** `data` is the task's description with the constants of every column, where it has any. */
export function writeModelCard(
  checkpoint: Omit<Checkpoint, 'model' | 'modelFile'>,
  data: DataDescription | undefined,
  history: ModelHistory | undefined,
): string {
  const { manifest, round, modelRoot, modelCid, chainId, federation } = checkpoint;
  const { kind, inputShape } = manifest.model;
  const { loss, optimizer, learningRate, epochs, batchSize } = manifest.training;
  const facts = [
    ['task', manifest.name],
    ['model', `${kind}, inputs [${inputShape.join(', ')}]`],
    ['round', round],
    ['federation', `${federation} on chain ${chainId}`],
    ['model root', modelRoot],
    ['model CID', modelCid],
    [
      'training',
      `${loss}, ${optimizer.name}, learning rate ${learningRate}, ${epochs} epochs, batches of ${batchSize}`,
    ],
    ['differential privacy', privacyInWords(manifest)],
  ];
  return [
    `# ${manifest.name}, round ${round}`,
    '',
    'A model that a federation trained with Tributary. Whoever has the model root can check the model against the chain: `tributary fetch-model` does.',
    '',
    markdownTable(['', ''], facts),
    '',
    '## Data',
    '',
    data === undefined
      ? `The task does not describe its data: \`model.onnx\` takes what it was trained on, float32 [N, ${inputShape.join(', ')}], and gives what it was trained to give.`
      : `${dataInWords(data)}\n\nA sample that the task would refuse (an unknown category, a number out of its range, a missing value that may not be missing) has NaN in its outputs.`,
    '',
    '## Who trained it',
    '',
    history === undefined
      ? 'Not known to who wrote this file: the chain has it.'
      : whoTrained(history, manifest.samplesPerWeight),
    '',
    '## How to run it',
    '',
    usageOf(data, inputShape),
    '',
  ].join('\n');
}

function whoTrained({ rounds, trainers }: ModelHistory, samplesPerWeight: number): string {
  if (trainers.length === 0) return 'Nobody yet: this is the model that the federation began with.';
  const unit = samplesPerWeight === 1 ? 'a sample' : `${samplesPerWeight} samples`;
  const metric = rounds.find((round) => round.metric !== undefined)?.metric?.name;
  return [
    `A weight of 1 is ${unit}, as each trainer says of itself.`,
    '',
    markdownTable(
      ['trainer', 'rounds', 'weight in all'],
      trainers.map(({ account, rounds: count, weight }) => [account, count, weight]),
    ),
    '',
    markdownTable(
      ['round', 'updates', 'weight', ...(metric === undefined ? [] : [metric])],
      rounds.map(({ round, updates, totalWeight, metric: of }) => [
        round,
        updates,
        totalWeight,
        ...(metric === undefined ? [] : [of === undefined ? '' : Number(of.value.toPrecision(4))]),
      ]),
    ),
  ].join('\n');
}

function privacyInWords({ training: { recordPrivacy } }: TaskManifest): string {
  if (recordPrivacy === undefined) return 'none: ε is not applicable (open updates)';
  const { epsilon, delta, rounds } = recordPrivacy;
  return `of each record of each trainer, as each accounts for itself: ε = ${epsilon} over ${rounds} rounds, δ = ${delta}`;
}
