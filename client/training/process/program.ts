/** A program that is kept running with one model, and started again when it has failed. */
import { TributaryError } from '../../core/errors.ts';
import { checkAborted } from '../checks.ts';
import type { CompiledModel, TrainingPlan } from '../engine.ts';
import type { StoredTensor } from '../safetensors.ts';
import { askHello } from './asking.ts';
import { type Child, type ChildOptions, nameOf, startChild } from './child.ts';
import { type EngineFolder, openEngineFolder } from './engineFolder.ts';
import type { EngineRole } from './messages.ts';
import { checkTensors } from './trainedTensors.ts';

export interface ProgramOptions extends ChildOptions {
  role: EngineRole;
  source: string | undefined;
  folder: string | undefined;
}

export interface ProgramTask {
  model: CompiledModel;
  /** All of the model, also what is frozen, in its order. */
  tensors: readonly StoredTensor[];
  plan: TrainingPlan;
  /** Of the program's data, by its newest answer. */
  samples: { count: number };
}

export interface Program {
  /** As sentences begin. */
  name: string;
  folder: EngineFolder;
  /** Names of the tensors that are not trained. */
  frozen: readonly string[];
  /** In turn. Whatever goes wrong, the program is started anew for the next call. Errors: ABORTED, and those of `act` and of the start. */
  call<T>(act: (child: Child) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Errors: DATA_EMPTY (retryable). */
  setSamples(answer: { samples: number }): void;
  close(): Promise<void>;
}

/** Errors: ENGINE_UNAVAILABLE, MODEL_MISMATCH, DATA_EMPTY, DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function openProgram(task: ProgramTask, options: ProgramOptions): Promise<Program> {
  const name = nameOf(options.command);
  const { layout } = task.model;
  const frozen = task.tensors
    .map((tensor) => tensor.name)
    .filter((tensor) => !layout.tensors.some((trained) => trained.name === tensor));
  const folder = await openEngineFolder(options.folder);
  let child: Child | undefined;
  let isClosed = false;
  /** The next call waits until the one before has been answered. */
  let last: Promise<unknown> = Promise.resolve();

  async function ready(): Promise<Child> {
    if (child !== undefined && !child.hasEnded) return child;
    child = startChild(options);
    const { role, source } = options;
    const hello = await askHello(child, folder, { role, source, plan: task.plan, tensors: task.tensors, frozen });
    checkTensors(hello.tensors, layout, frozen, name);
    setSamples(hello);
    return child;
  }

  function setSamples({ samples }: { samples: number }): void {
    if (samples === 0)
      throw new TributaryError('DATA_EMPTY', `${name} has no samples: look at its source.`, { retryable: true });
    task.samples.count = samples;
  }

  async function attempt<T>(act: (child: Child) => Promise<T>, signal?: AbortSignal): Promise<T> {
    checkAborted(signal);
    if (isClosed) throw new TributaryError('ABORTED', `${name} was stopped with its model.`);
    const onAbort = () => void child?.stop();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await act(await ready());
    } catch (error) {
      await child?.stop();
      checkAborted(signal);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async function close(): Promise<void> {
    isClosed = true;
    await child?.stop();
    await folder.close();
  }

  function call<T>(act: (child: Child) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const answer = last.then(() => attempt(act, signal));
    last = answer.catch(() => undefined);
    return answer;
  }

  await call(async () => undefined).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { name, folder, frozen, call, setSamples, close };
}
