/** A trainer inside of a program of one's own. */
import { openNode } from '../node/openNode.ts';
import { type NodeOptionsInput, parseNodeOptions } from '../node/options.ts';
import type { Report } from '../participant/events.ts';
import { runTrainer } from './trainer.ts';
import { type OwnTraining, trainingBy } from './training.ts';

/** How a trainer takes part; what is left out is as on the command line. */
export interface TakePartOptions extends NodeOptionsInput {
  /** Hears what happens; see `NodeEvent`. */
  onEvent?: Report;
  /** Ends it. */
  signal?: AbortSignal;
}

/**
 * Stakes, joins and trains until the rounds asked for are final, `signal` aborts or a vote ejects the account; answers why it has ended.
 * Errors: those of the options, the key, the folder, the chain and the store, each a TributaryError that says what to do.
 */
export async function takePart(
  { onEvent = () => undefined, signal = new AbortController().signal, ...options }: TakePartOptions,
  training: OwnTraining,
): Promise<string> {
  const node = await openNode('trainer', parseNodeOptions(options), onEvent, signal);
  try {
    return await runTrainer(node, trainingBy(training, node));
  } finally {
    await node.close();
  }
}
