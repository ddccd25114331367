/** What training changes: the weights that a gradient reaches, as far as the task does not say otherwise. */
import { TributaryError } from '../../core/errors.ts';
import { frozenTerms } from '../checks.ts';
import type { FoundTensor, ModelFindings, ModelTerms } from '../engine.ts';
import { findTensor } from '../findings.ts';
import type { Analysis } from './analysis.ts';
import type { InferenceModel } from './model.ts';
import { type Reason, rolesOf } from './roles.ts';
import type { ConstantTensor } from './tensor.ts';

interface Chosen {
  /** In the order of the file. */
  parameters: string[];
  findings: ModelFindings;
}

type Changed = InferenceModel & { fromNodes?: ReadonlySet<string>; changes?: readonly string[] };

function found(name: string, { shape, data }: ConstantTensor): FoundTensor {
  return findTensor(name, shape, data);
}

/** Errors: MODEL_INVALID where nothing is left to train; CONFIG_INVALID for names and terms that fit no tensor. */
export function chooseParameters(model: Changed, analysis: Analysis, terms: ModelTerms): Chosen {
  const { trained, statistics, reasons } = rolesOf(model);
  const floats = [...model.initializers].filter(([, { type }]) => type === 'float32');
  const said = frozenTerms(
    terms,
    floats.map(([name]) => name),
  );
  const inputs = new Set(analysis.nodes.flatMap((node) => node.inputs));
  const isReached = (name: string, { shape }: ConstantTensor) =>
    shape.length > 0 ? analysis.parameters.includes(name) : inputs.has(name);
  const isTrained = ([name, tensor]: [string, ConstantTensor]) => {
    const isFrozen = said.get(name);
    if (isFrozen === false && !isReached(name, tensor)) throw unreachable(name);
    return isFrozen === undefined ? (trained.has(name) || statistics.has(name)) && isReached(name, tensor) : !isFrozen;
  };
  const parameters = floats.filter(isTrained);
  const rest = floats.filter((entry) => !parameters.includes(entry));
  const reasonOf = (name: string): Reason =>
    said.get(name) ? 'the task says so' : (reasons.get(name) ?? 'it is no weight of a layer');
  const frozen = rest
    .filter(([name, { data }]) => data.length > 1 || said.get(name))
    .map(([name, tensor]) => ({ ...found(name, tensor), reason: reasonOf(name) }));
  const findings = {
    trained: parameters.map(([name, tensor]) => found(name, tensor)),
    frozen,
    constants: model.initializers.size - parameters.length - frozen.length,
    changes: model.changes ?? [],
  };
  if (parameters.length === 0) throw withoutWeights(findings);
  findings.trained.forEach(checkFinite);
  return { parameters: parameters.map(([name]) => name), findings };
}

function unreachable(name: string): TributaryError {
  return new TributaryError(
    'CONFIG_INVALID',
    `model.tensors["${name}"]: no gradient reaches this tensor, so that it cannot be trained: leave out frozen: false.`,
    { args: { field: 'model.tensors' } },
  );
}

function withoutWeights({ frozen }: ModelFindings): TributaryError {
  const kept = frozen.map(({ name, reason }) => `"${name}" stays, since ${reason}`).join('; ');
  const hint =
    kept === '' ? 'export it with its weights inside' : `${kept}: train one with model.tensors and frozen: false`;
  return new TributaryError('MODEL_INVALID', `The ONNX model holds no weights that training would change: ${hint}.`);
}

/** Errors: MODEL_INVALID for a weight that is not finite. */
function checkFinite({ name, largest }: FoundTensor): void {
  if (Number.isFinite(largest)) return;
  throw new TributaryError(
    'MODEL_INVALID',
    `The tensor "${name}" holds ${largest}: export the model from before that.`,
  );
}
