/** A model that a program trains and evaluates. */
import { TributaryError } from '../../core/errors.ts';
import { checkDimension } from '../checks.ts';
import type { CompiledModel, Evaluation, TrainedParameters, TrainOptions } from '../engine.ts';
import { floatTensorsOf, writeSafetensors } from '../safetensors.ts';
import { askToTrain } from './asking.ts';
import { unavailable } from './child.ts';
import type { EngineAnswer } from './messages.ts';
import { openProgram, type ProgramOptions, type ProgramTask } from './program.ts';

/** What a loss counts that is no number: worse than any that training ends with. */
const hopelessLoss = 1e9;

/** `task.model` is the same without the program. Errors: those of the program, see `ProcessEngine.compile`. */
export async function createProcessModel(task: ProgramTask, options: ProgramOptions): Promise<CompiledModel> {
  const { model, plan, samples } = task;
  const { layout } = model;
  const program = await openProgram(task, options);
  const { folder, name } = program;

  async function trainLocally(parameters: Float32Array, _: unknown, options: TrainOptions): Promise<TrainedParameters> {
    if (options.privacy !== undefined) throw cannotClip(name);
    checkDimension(parameters, layout);
    const startedAt = performance.now();
    const settings = { round: options.round ?? 0, seed: options.seed, plan };
    return await program.call(async (child) => {
      const given = floatTensorsOf(layout, parameters);
      const { answer, parameters: trained } = await askToTrain(
        child,
        { ...program, layout },
        given,
        settings,
        progressOf(task, options),
      );
      program.setSamples(answer);
      const seconds = (performance.now() - startedAt) / 1000;
      const { loss, metrics } = answer;
      return { parameters: trained, loss: loss ?? Number.NaN, samples: samples.count, seconds, ...measured(metrics) };
    }, options.signal);
  }

  async function evaluateInParts(parameters: Float32Array, parts: number) {
    checkDimension(parameters, layout);
    return await program.call(async (child) => {
      const file = await folder.write('evaluated.safetensors', writeSafetensors(floatTensorsOf(layout, parameters)));
      const answer = await child.ask({ type: 'evaluate', models: [file], parts });
      program.setSamples(answer);
      const [result, ...others] = answer.results;
      if (result !== undefined && others.length === 0) return { ...result, count: answer.samples };
      throw unavailable(name, `answers ${answer.results.length} results for 1 model`);
    });
  }

  return {
    ...model,
    trainLocally,
    async evaluate(parameters): Promise<Evaluation> {
      const { loss, metrics, count } = await evaluateInParts(parameters, 1);
      const accuracy = metrics?.accuracy ?? Number.NaN;
      return { loss: loss ?? Number.POSITIVE_INFINITY, accuracy, count, ...measured(metrics) };
    },
    async predict() {
      throw new TributaryError(
        'OPERATOR_UNSUPPORTED',
        `${name} evaluates, and puts out nothing for single samples: ask it itself.`,
      );
    },
    async lossesInParts(parameters, parts) {
      const { loss, parts: losses, count } = await evaluateInParts(parameters, parts);
      const wanted = Math.min(parts, count);
      const known = losses ?? new Array<number | null>(wanted).fill(loss);
      if (known.length !== wanted)
        throw unavailable(name, `answers ${known.length} parts of its data, and ${wanted} are due`);
      return known.map((one) => one ?? hopelessLoss);
    },
    async dispose() {
      await program.close();
      await model.dispose();
    },
  };
}

function cannotClip(name: string): TributaryError {
  return new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `Nobody sees the gradients of single records in ${name}: train with the engine onnx, or without --record-dp.`,
  );
}

function measured(metrics: Readonly<Record<string, number | null>> | undefined) {
  if (metrics === undefined) return {};
  return {
    metrics: Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [metric, value ?? Number.NaN])),
  };
}

/** What a line of progress leaves out is as in the line before. */
function progressOf({ samples, plan }: ProgramTask, { onProgress }: TrainOptions) {
  const progress = { epoch: 0, epochs: plan.epochs, samplesDone: 0, samplesTotal: samples.count * plan.epochs };
  return ({ id: _, ...said }: EngineAnswer<'progress'>) => {
    for (const [field, value] of Object.entries(said))
      if (value !== undefined) progress[field as keyof typeof progress] = value;
    onProgress?.({ ...progress });
  };
}
