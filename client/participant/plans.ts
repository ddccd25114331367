/** The model and the training plan that are in force: a vote may have chosen another manifest since the last round. */
import { TributaryError } from '../core/errors.ts';
import { equalBytes, type Hash } from '../core/hash.ts';
import type { TaskManifest } from '../core/task.ts';
import type { CompiledModel } from '../training/engine.ts';
import { fetchManifest } from './manifest.ts';
import type { Participant } from './participant.ts';

/** A manifest, and its model. */
export interface Plan {
  manifest: TaskManifest;
  model: CompiledModel;
}

/** The model and the training plan that are in force, compiled once for each manifest. */
export interface Plans {
  /**
   * Asked at the beginning of a round. Errors: MODEL_MISMATCH (retryable: another vote may choose another) where the plan fits
   * neither the federation's models nor the data; those of `fetchManifest` and `compile`.
   */
  inForce(): Promise<Plan>;
  dispose(): Promise<void>;
}

/** What makes a model of a manifest that can be trained and tried; errors: MODEL_INVALID, MODEL_MISMATCH and what it depends on. */
export type CompileTask = (manifest: TaskManifest) => Promise<CompiledModel>;

/** Errors: those of `compile`. */
export async function openPlans(node: Participant, compile: CompileTask): Promise<Plans> {
  let digest: Hash = node.manifestCid;
  let plan: Plan = { manifest: node.manifest, model: await compile(node.manifest) };

  async function inForce(): Promise<Plan> {
    const chosen = await node.federation.readManifestCid();
    if (equalBytes(chosen, digest)) return plan;
    const manifest = await fetchManifest(node, chosen);
    requireSameData(manifest, plan.manifest);
    const model = await compile(manifest);
    const { dimension } = model.layout;
    if (dimension !== node.task.dimension) {
      await model.dispose();
      throw misfit(`its model has ${dimension} parameters, those of the federation have ${node.task.dimension}`);
    }
    await plan.model.dispose();
    [digest, plan] = [chosen, { manifest, model }];
    node.report({ event: 'planChanged', name: manifest.name });
    return plan;
  }

  return { inForce, dispose: () => plan.model.dispose() };
}

function requireSameData({ model, data }: TaskManifest, { model: before, data: dataBefore }: TaskManifest): void {
  const shape = (one: TaskManifest['model']) => `${one.inputShape.join('×')} values in ${one.classes} classes`;
  if (shape(model) !== shape(before)) throw misfit(`it takes ${shape(model)}, the data has ${shape(before)}`);
  // both are as the schema has them: equal descriptions have equal texts
  if (JSON.stringify(data) === JSON.stringify(dataBefore)) return;
  throw new TributaryError(
    'MODEL_MISMATCH',
    'The manifest that was voted for describes the data otherwise than the one by which it was read: start this process again, and it reads its data anew and takes part.',
    { retryable: true },
  );
}

function misfit(reason: string): TributaryError {
  return new TributaryError(
    'MODEL_MISMATCH',
    `The manifest that was voted for does not fit: ${reason}. Vote for another.`,
    {
      retryable: true,
    },
  );
}
