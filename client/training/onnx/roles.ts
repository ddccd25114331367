/**
 * Which tensors of a file are weights. ONNX does not say it (https://github.com/onnx/onnx/pull/2314), so their place does:
 *
 * - what a linear layer, a convolution, an embedding, a recurrent cell or a normalisation takes as weight, bias, scale or
 *   slope is trained, also through a transposition, a reshape or any other formula of constants;
 * - what is added to or multiplied with a value that depends on a trained tensor is trained: a bias, a scale, a learned
 *   position. Before the first trained tensor it belongs to the preparation of the input (mean, deviation) and stays;
 * - of these, masks (0 and 1, or 0 and a huge negative), tables of sines and cosines and the numbers of formulas (½, √2,
 *   10⁻⁵, …) stay; a single number is trained only where its name or its value says that it was learned;
 * - bounds, exponents, padding and everything else stays.
 */
import { isFormulaNumber, isLearnedName, isMask, isSinusoid } from './constantKinds.ts';
import type { NodeProto } from './proto.ts';
import type { ConstantTensor } from './tensor.ts';

/** Places of the inputs that are weights by the operator's definition. */
export const weightPlaces: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [1, 2],
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Einsum: [0, 1, 2, 3],
  GRU: [1, 2, 3],
  Gather: [0],
  GatherElements: [0],
  GatherND: [0],
  Gemm: [0, 1, 2],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  LSTM: [1, 2, 3, 7],
  LayerNormalization: [1, 2],
  MatMul: [0, 1],
  PRelu: [1],
  RMSNormalization: [1],
  RNN: [1, 2, 3],
};
const affine = new Set(['Add', 'Concat', 'Div', 'Mul', 'Sub', 'Sum']);
const linear = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Why a tensor is not trained. */
export type Reason =
  | 'it prepares the input'
  | 'it is a mask'
  | 'it is a table of sines and cosines'
  | 'it is a running statistic'
  | 'it is a number of a formula'
  | 'it is no weight of a layer'
  | 'the task says so';

export interface Roles {
  trained: ReadonlySet<string>;
  /** Running statistics of batch normalisations. */
  statistics: ReadonlySet<string>;
  reasons: ReadonlyMap<string, Reason>;
}

interface Given {
  nodes: readonly NodeProto[];
  input: string;
  initializers: ReadonlyMap<string, ConstantTensor>;
  fromNodes?: ReadonlySet<string>;
}

/** What a value is made of. */
interface Origin {
  isData: boolean;
  /** It depends on the input and on a trained tensor. */
  isTrained: boolean;
  /** Initializers of floats that it is made of, where it does not depend on the input. */
  tensors: readonly string[];
}

const nothing: Origin = { isData: false, isTrained: false, tensors: [] };

/** Why a tensor that is added or multiplied stays, where it does. */
function reasonOfConstant(name: string, given: Given, follows: NodeProto | undefined): Reason | undefined {
  const tensor = given.initializers.get(name)!;
  const isBias = tensor.shape.length > 0 && follows !== undefined && linear.has(follows.opType);
  if (tensor.data.length === 1) {
    if (isBias || (isLearnedName(name) && !given.fromNodes?.has(name))) return undefined;
    const isNumber = given.fromNodes?.has(name) || isFormulaNumber(tensor.data[0]!);
    return isNumber ? 'it is a number of a formula' : undefined;
  }
  if (isMask(tensor.data)) return 'it is a mask';
  return isSinusoid(tensor) ? 'it is a table of sines and cosines' : undefined;
}

export function rolesOf(given: Given): Roles {
  const trained = new Set<string>();
  const statistics = new Set<string>();
  const reasons = new Map<string, Reason>();
  const producers = new Map(given.nodes.flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)));
  const origins = new Map<string, Origin>([[given.input, { ...nothing, isData: true }]]);
  for (const [name, { type }] of given.initializers)
    if (type === 'float32') origins.set(name, { ...nothing, tensors: [name] });

  for (const node of given.nodes) {
    const inputs = (node.input ?? []).map((name) => origins.get(name) ?? nothing);
    const isData = inputs.some((origin) => origin.isData) && node.opType !== 'Shape';
    if (!isData) {
      const tensors = [...new Set(inputs.flatMap((origin) => origin.tensors))];
      for (const name of node.output ?? []) origins.set(name, { ...nothing, tensors });
      continue;
    }
    const partner = node.input!.find((_, place) => inputs[place]!.isData)!;
    let isTrained = inputs.some((origin) => origin.isTrained);
    const partnerIsTrained = isTrained;
    const decide = (name: string, place: number): Reason | undefined => {
      const isWeight = weightPlaces[node.opType]?.includes(place);
      const isAmongSeveral = inputs[place]!.tensors.length > 1;
      if (isWeight && !isAmongSeveral) return undefined;
      if (node.opType === 'BatchNormalization' && place > 2) return 'it is a running statistic';
      if (!isWeight && !affine.has(node.opType)) return 'it is no weight of a layer';
      if (!isWeight && !partnerIsTrained) return 'it prepares the input';
      return reasonOfConstant(name, given, node.opType === 'Add' ? producers.get(partner) : undefined);
    };
    inputs.forEach(({ tensors }, place) => {
      for (const name of tensors) {
        const reason = decide(name, place);
        if (reason === undefined) {
          trained.add(name);
          isTrained = true;
        } else if (reason === 'it is a running statistic') statistics.add(name);
        if (reason !== undefined) reasons.set(name, reason);
      }
    });
    for (const name of node.output ?? []) origins.set(name, { isData: true, isTrained, tensors: [] });
  }
  return { trained, statistics, reasons };
}
