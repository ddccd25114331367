/**
 * An engine that is a program of one's own, in whatever language: it trains and evaluates the task's tensors on data that only it knows.
 * It lives from round to round, and is started again when it has failed.
 */
import { checkPlan } from '../checks.ts';
import type {
  CompiledModel,
  Dataset,
  Engine,
  ModelDefinition,
  ParameterLayout,
  TensorsDefinition,
  TrainingPlan,
} from '../engine.ts';
import { createOnnxEngine } from '../onnx/engine.ts';
import { floatTensorsOf, type StoredTensor } from '../safetensors.ts';
import { compiledOf, readTensorsModel } from '../tensors/model.ts';
import type { Listening } from './child.ts';
import type { EngineCommand } from './launch.ts';
import type { EngineRole } from './messages.ts';
import { createProcessModel } from './model.ts';

/** How a program is started, and who hears what it says besides. */
export interface ProcessEngineOptions extends Partial<Listening> {
  /** A line as a shell takes it, or a program and its arguments. */
  command: EngineCommand;
  /** For what; trainer where it is not said. */
  role?: EngineRole;
  /** Handed to the program as it is: what its data are. */
  source?: string | undefined;
  /** Where tensors are handed over; the system's temporary folder where none is named. */
  folder?: string | undefined;
  /** After so many seconds without a word it is killed, with all that it has started, and started again; 600 where it is not said. */
  silenceSeconds?: number;
}

/** An engine that is a program: it trains and evaluates on data of its own. */
export interface ProcessEngine extends Engine {
  readonly name: 'process';
  /** Stands for the program's data where data are asked for: nothing is known of them but how many samples they are. */
  readonly data: Dataset;
  /**
   * Starts the program and asks whether it has the model's tensors. Errors, then and later: ENGINE_UNAVAILABLE, MODEL_MISMATCH,
   * TRAINING_DIVERGED, all retryable: the program is started again for the next call.
   */
  compile(model: ModelDefinition | TensorsDefinition, plan: TrainingPlan): Promise<CompiledModel>;
}

const usualSilenceSeconds = 600;

/** Each model that it compiles has a process of its own, which its `dispose` ends. docs/engines.md says what is said. */
export function createProcessEngine(options: ProcessEngineOptions): ProcessEngine {
  const samples = { count: 0 };
  const data: Dataset = {
    features: new Float32Array(),
    labels: new Int32Array(),
    inputShape: [],
    classes: 0,
    get count() {
      return samples.count;
    },
  };

  async function compile(definition: ModelDefinition | TensorsDefinition, plan: TrainingPlan): Promise<CompiledModel> {
    // what a program makes small of named tensors is its own business
    const own = {
      ...plan,
      loss: 'squaredError',
      huberDelta: undefined,
      classWeights: undefined,
      labelSmoothing: 0,
    } as const;
    checkPlan(definition.kind === 'tensors' ? own : plan, definition);
    const { model, tensors } = await partsOf(definition, plan);
    try {
      return await createProcessModel(
        { model, tensors, plan, samples },
        {
          role: 'trainer',
          silenceSeconds: usualSilenceSeconds,
          onLine: () => undefined,
          onProblem: () => undefined,
          source: undefined,
          folder: undefined,
          ...options,
        },
      );
    } catch (error) {
      await model.dispose();
      throw error;
    }
  }
  return { name: 'process', data, compile };
}

/** The model without the program, and all its tensors in their order. */
async function partsOf(
  definition: ModelDefinition | TensorsDefinition,
  plan: TrainingPlan,
): Promise<{ model: CompiledModel; tensors: StoredTensor[] }> {
  if (definition.kind === 'tensors') {
    const read = readTensorsModel(definition);
    return { model: compiledOf(read), tensors: read.tensorsWith(read.start) };
  }
  const model = await createOnnxEngine().compile(definition, plan);
  return { model, tensors: floatTensorsOf(model.layout, zerosOf(model.layout)) };
}

function zerosOf({ dimension }: ParameterLayout): Float32Array {
  return new Float32Array(dimension);
}
