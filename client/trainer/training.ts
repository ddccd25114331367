/** What trains, as a trainer asks it: the task's model on data of one's own, which may be a program's, or a function of one's own. */
import { TributaryError } from '../core/errors.ts';
import { equalBytes } from '../core/hash.ts';
import type { TaskManifest } from '../core/task.ts';
import { fetchManifest } from '../participant/manifest.ts';
import type { Participant } from '../participant/participant.ts';
import type { Plans } from '../participant/plans.ts';
import { type TrainedUpdate, trainUpdate, type UpdateAuthor } from '../participant/rounds/localUpdate.ts';
import type { Dataset, TrainingProgress } from '../training/engine.ts';
import type { RecordPrivacyKeeper } from './recordPrivacy.ts';

/** What a trainer trains with. */
export interface Training {
  /** n_k of McMahan et al.: what the update weighs follows from it. */
  samples: number;
  /** Asked at the beginning of a round. Errors: those of the manifest and of the model. */
  inForce(): Promise<RoundTraining>;
}

/** Training for one round. */
export interface RoundTraining {
  manifest: TaskManifest;
  /** Errors: those of `CompiledModel.trainLocally`, MODEL_MISMATCH. */
  train(
    global: Float32Array,
    author: UpdateAuthor,
    options: { signal: AbortSignal; onProgress(progress: TrainingProgress): void },
  ): Promise<TrainedUpdate>;
}

/** `keeper`: asked before each round what differential privacy its records get. */
export function trainingOn(data: Dataset, plans: Pick<Plans, 'inForce'>, keeper: RecordPrivacyKeeper): Training {
  return {
    // of a program's data the newest answer tells
    get samples() {
      return data.count;
    },
    async inForce() {
      const { manifest, model } = await plans.inForce();
      return {
        manifest,
        async train(global, author, options) {
          const privacy = await keeper.spend(author.round, manifest, data.count);
          if (privacy !== undefined && model.statistics?.areDue(global)) throw statisticsAreUnprotected();
          return await trainUpdate(model, global, data, author, { ...options, privacy });
        },
      };
    },
  };
}

function statisticsAreUnprotected(): TributaryError {
  return new TributaryError(
    'CONFIG_INVALID',
    'The first round of this task averages statistics of the data, which no noise protects: train without --record-dp, or vote for a description with constants.',
  );
}

/** What a function of one's own is told of the round. */
export interface RoundToTrain {
  round: number;
  manifest: TaskManifest;
  /** Aborts when the process is told to stop. */
  signal: AbortSignal;
}

/** A function of one's own that trains; `samples` is how many it trains on, from which the weight of its updates follows. */
export interface OwnTraining {
  samples: number;
  /** From the global parameters, [d] in the order of the task's model, to as many trained ones; `loss` is only reported. */
  train(
    parameters: Float32Array,
    round: RoundToTrain,
  ): Promise<{ parameters: Float32Array; loss?: number }> | { parameters: Float32Array; loss?: number };
}

/** Training by a function of one's own. Errors, when it trains: MODEL_MISMATCH, and those of `fetchManifest`. */
export function trainingBy({ samples, train }: OwnTraining, node: Participant): Training {
  let [digest, manifest] = [node.manifestCid, node.manifest];
  return {
    samples,
    async inForce() {
      const chosen = await node.federation.readManifestCid();
      if (!equalBytes(chosen, digest)) {
        manifest = await fetchManifest(node, chosen);
        digest = chosen;
        node.report({ event: 'planChanged', name: manifest.name });
      }
      return {
        manifest,
        async train(global, { round }, { signal }) {
          const answer = await train(global.slice(), { round, manifest, signal });
          const { parameters, loss = 0 } = requireParameters(answer, global.length);
          return { update: parameters.map((value, index) => value - global[index]!), loss };
        },
      };
    },
  };
}

/** Errors: MODEL_MISMATCH. A program without types may answer anything. */
function requireParameters<T extends { parameters: Float32Array }>(answer: T | undefined, dimension: number): T {
  const parameters: unknown = answer?.parameters;
  const found = parameters instanceof Float32Array ? `one of ${parameters.length}` : 'something else';
  if (answer !== undefined && parameters instanceof Float32Array && parameters.length === dimension) return answer;
  throw new TributaryError(
    'MODEL_MISMATCH',
    `The training function must answer \`{ parameters }\`, a Float32Array of ${dimension} as it was given, not ${found}.`,
  );
}
