/** What a new configuration says besides the defaults of its schema. */
import { answerSecondsOf, defaultChoices, scoreWindowsOf } from './choices.ts';
import type { FederationConfigInput } from './config.ts';
import { defaultGovernance } from './governanceChoices.ts';

/** A tenth of all tokens, more than twice the votes of a quorum: without votes that somebody holds, nothing could ever be decided. */
export const deployableChoices = { governance: { founderTokens: 100_000_000 } } satisfies FederationConfigInput;

/** Of what may be left out: what it then is, or what it may look like. */
export const configHints = {
  model: { file: 'model.onnx' },
  metric: { name: 'auc', patience: 10 },
  windows: { answerSeconds: answerSecondsOf(defaultChoices), ...scoreWindowsOf(defaultChoices) },
  governance: { ...defaultGovernance, guardian: `0x${'00'.repeat(20)}` },
};
