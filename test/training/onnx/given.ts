/** Models as a person gives them: small ONNX files of any version, and what is asked about them. */
import { createRandom } from '../../../client/core/random.ts';
import {
  type CompiledModel,
  type Dataset,
  type Loss,
  labelsAreClasses,
  type ModelTerms,
  type TaskShape,
  type TrainingPlan,
} from '../../../client/training/engine.ts';
import { elementCount } from '../../../client/training/layout.ts';
import { createOnnxEngine } from '../../../client/training/onnx/engine.ts';
import { valueInfo } from '../../../client/training/onnx/graph.ts';
import { encodeModel, type GraphProto, type NodeProto } from '../../../client/training/onnx/proto.ts';
import { type ConstantTensor, floatTensor, writeTensor } from '../../../client/training/onnx/tensor.ts';
import { createPlan } from '../plan.ts';

export interface GivenFile {
  nodes: NodeProto[];
  initializers?: Record<string, ConstantTensor>;
  /** Shape of the input `x`, batch first. */
  input?: (number | string)[];
  opset?: number;
  graph?: GraphProto;
  producerName?: string;
  domains?: Record<string, number>;
}

/** With one input `x` and one output `y`. */
export function onnxFile(file: GivenFile): Uint8Array {
  const { nodes, initializers = {}, input = ['batch', 4], opset = 17, domains = {}, producerName = 'pytorch' } = file;
  const graph: GraphProto = {
    name: 'given',
    node: nodes,
    initializer: Object.entries(initializers).map(([name, tensor]) => writeTensor(name, tensor)),
    input: [valueInfo('x', 'float32', input)],
    output: [valueInfo('y', 'float32', [])],
    ...file.graph,
  };
  const others = Object.entries(domains).map(([domain, version]) => ({ domain, version }));
  return encodeModel({ irVersion: 8, producerName, opsetImport: [{ domain: '', version: opset }, ...others], graph });
}

/** Numbers in ±1 that the name decides. */
export function randomTensor(name: string, shape: readonly number[]): ConstantTensor {
  const random = createRandom(name);
  return floatTensor(
    shape,
    Array.from({ length: elementCount(shape) }, () => 2 * random.float() - 1),
  );
}

export function dataFor({ inputShape, classes }: TaskShape, loss: Loss, count = 7): Dataset {
  const random = createRandom('given data', inputShape.join(), classes);
  const features = Float32Array.from({ length: count * elementCount(inputShape) }, () => random.normal());
  const labels = labelsAreClasses(loss)
    ? Int32Array.from({ length: count }, () => random.below(classes))
    : Float32Array.from({ length: count * classes }, () => random.below(2));
  return { features, labels, count, inputShape, classes };
}

/** One step over all samples. */
export const usualPlan = createPlan({ batchSize: 64 });

export function compileGiven(
  bytes: Uint8Array,
  task: TaskShape,
  changes: Partial<TrainingPlan> & { terms?: ModelTerms } = {},
): Promise<CompiledModel> {
  const { terms, ...plan } = changes;
  return createOnnxEngine().compile({ kind: 'onnx', bytes, ...task, ...terms }, { ...usualPlan, ...plan });
}

/** The loss that training reports for its only step, which is of the parameters before it, and that of evaluation. */
export async function bothLosses(model: CompiledModel, data: Dataset): Promise<{ trained: number; evaluated: number }> {
  const start = model.initialParameters('a');
  const { loss: trained } = await model.trainLocally(start, data, { seed: 'a' });
  const { loss: evaluated } = await model.evaluate(start, data);
  return { trained, evaluated };
}

/** The sentence that compiling fails with. */
export async function refusalOf(compiling: Promise<CompiledModel>): Promise<string> {
  try {
    await (await compiling).dispose();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The model was compiled.');
}
