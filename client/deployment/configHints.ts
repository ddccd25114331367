/** What a new configuration says besides the defaults of its schema. */
import { answerSecondsOf, defaultChoices, scoreWindowsOf } from './choices.ts';
import type { FederationConfigInput } from './config.ts';
import { defaultGovernance } from './governanceChoices.ts';

/** A tenth of all tokens, more than twice the votes of a quorum: without votes that somebody holds, nothing could ever be decided. */
export const deployableChoices = { governance: { founderTokens: 100_000_000 } } satisfies FederationConfigInput;

/** Of what may be left out: what it then is, or what it may look like. */
export const configHints = {
  model: { file: 'model.onnx', tensors: { 'layer1.weight': { scale: 2 } }, batchStatistics: 'federated' },
  training: {
    huberDelta: 1,
    classWeights: [1, 3],
    labelSmoothing: 0.1,
    recordPrivacy: { epsilon: 8, delta: 1e-5, rounds: 100, clipNorm: 1 },
  },
  metric: { name: 'accuracy', patience: 10 },
  data: 'data.json',
  windows: { answerSeconds: answerSecondsOf(defaultChoices), ...scoreWindowsOf(defaultChoices) },
  governance: { ...defaultGovernance, guardian: `0x${'00'.repeat(20)}` },
};
