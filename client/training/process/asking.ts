/** What a program is asked when it is started and when it trains, with the files in which tensors are handed over. */
import type { ParameterLayout, TrainingPlan } from '../engine.ts';
import { type StoredTensor, writeSafetensors } from '../safetensors.ts';
import { type Child, type Progress, unavailable } from './child.ts';
import type { EngineFolder } from './engineFolder.ts';
import { type EngineAnswer, type EngineRole, engineProtocol } from './messages.ts';
import { readTrained } from './trainedTensors.ts';

/** For whom and on what the program works. */
export interface Greeting {
  role: EngineRole;
  source?: string | undefined;
  plan: TrainingPlan;
  /** All of the model, also what is frozen, in its order. */
  tensors: readonly StoredTensor[];
  /** Names of the tensors that are not trained. */
  frozen: readonly string[];
}

/** Errors: ENGINE_UNAVAILABLE, DISK_FULL, FOLDER_NOT_WRITABLE. */
export async function askHello(
  child: Child,
  folder: EngineFolder,
  { role, source, plan, tensors, frozen }: Greeting,
): Promise<EngineAnswer<'hello'>> {
  const kept = tensors.filter(({ name }) => frozen.includes(name));
  return await child.ask({
    type: 'hello',
    protocol: engineProtocol,
    role,
    source: source ?? null,
    folder: folder.path,
    tensors: tensors.map(({ name, shape, dtype }) => ({ name, shape, dtype, trained: !frozen.includes(name) })),
    frozen: kept.length === 0 ? null : await folder.write('frozen.safetensors', writeSafetensors(kept)),
    plan,
  });
}

/** A model, and who trains it. */
export interface Trainee {
  folder: EngineFolder;
  layout: ParameterLayout;
  frozen: readonly string[];
  /** The program's, as sentences begin. */
  name: string;
}

/** `given` may have any order. Errors: as `askHello`, and those of `readTrained`. */
export async function askToTrain(
  child: Child,
  { folder, layout, frozen, name }: Trainee,
  given: readonly StoredTensor[],
  settings: { round: number; seed: string; plan: TrainingPlan },
  onProgress: (progress: Progress) => void,
): Promise<{ answer: EngineAnswer<'trained'>; parameters: Float32Array }> {
  const made = 'trained.safetensors';
  await folder.remove(made);
  const model = await folder.write('global.safetensors', writeSafetensors(given));
  const output = folder.pathOf(made);
  const answer = await child.ask({ type: 'train', model, output, ...settings }, onProgress);
  const bytes = await folder.read(made);
  if (bytes === undefined) throw unavailable(name, `has trained and not written ${output}`);
  return { answer, parameters: readTrained(bytes, layout, frozen, name) };
}
