/** The model as a task has it: with the scaling that the federation computes, and its numbers in the task's units. */
import { federatedPlaces } from '../core/data/description.ts';
import { TributaryError } from '../core/errors.ts';
import type { TaskManifest } from '../core/task.ts';
import type { CompiledModel } from './engine.ts';
import { withFederatedScaling } from './federated/scaling.ts';
import { statisticsName, statisticsScale } from './federated/statistics.ts';
import { chooseScales, type Scales, withScales } from './scales.ts';
import { scalesOfStatistics } from './tensors/statistics.ts';

type TaskTerms = Pick<TaskManifest, 'model' | 'data'>;

/** `compiled` is the model of the task's definition. Errors: MODEL_MISMATCH where the task names a tensor that it does not have. */
export function modelOfTask(compiled: CompiledModel, { model, data }: TaskTerms): CompiledModel {
  const scales = scalesOf(model);
  const places = placesOf(data);
  const scale = scales[statisticsName] ?? 1;
  if (places.length > 0 && compiled.lossesInParts !== undefined) {
    const message =
      'The federation computes the scaling of the data, which a program of your own cannot take part in: give the scaling in the task, or train with the engine onnx.';
    throw new TributaryError('CONFIG_INVALID', message);
  }
  const whole = places.length === 0 ? compiled : withFederatedScaling(compiled, { places, scale });
  return withScales(whole, scales);
}

/** Whether the task leaves anything open: models that come with the engines start from small weights. */
export function needsTensorTerms({ model, data }: TaskTerms): boolean {
  return model.file !== undefined || placesOf(data).length > 0;
}

/** What the task's model says of its tensors, with a scale for those that need one and have none. `maxNorm`: of an update. */
export function chooseTensorTerms(
  compiled: CompiledModel,
  { model, data, seed }: TaskTerms & Pick<TaskManifest, 'seed'>,
  maxNorm: number,
): TaskManifest['model']['tensors'] {
  const columns = placesOf(data).length;
  const forStatistics = columns === 0 ? 1 : statisticsScale(columns, maxNorm);
  const chosen = {
    ...(model.kind === 'tensors' && scalesOfStatistics(compiled.layout)),
    ...chooseScales(compiled.layout, compiled.initialParameters(seed)),
    ...(columns > 0 && { [statisticsName]: forStatistics, [`${statisticsName}.rest`]: forStatistics }),
  };
  const terms = { ...model.tensors };
  for (const [name, scale] of Object.entries(chosen)) terms[name] = { scale, ...terms[name] };
  return Object.keys(terms).length === 0 ? undefined : terms;
}

function placesOf(data: TaskTerms['data']): number[] {
  return data?.kind === 'table' ? federatedPlaces(data) : [];
}

function scalesOf({ tensors = {} }: TaskManifest['model']): Scales {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, { scale }]) => (scale === undefined ? [] : [[name, scale] as const])),
  );
}
