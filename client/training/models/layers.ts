/** A feed-forward model, layer by layer: each adds nodes, then its weight and its bias to the parameters. */
import { elementCount } from '../layout.ts';
import { type InferenceModel, opset } from '../onnx/model.ts';
import { type Attributes, createNode } from '../onnx/node.ts';
import type { NodeProto } from '../onnx/proto.ts';
import { type ConstantTensor, floatTensor, integerTensor } from '../onnx/tensor.ts';

export interface LayerStack {
  /** One sample's values in another shape, for example [784] as [1, 28, 28]. */
  reshape(shape: readonly number[]): void;
  /** Weight [in, out], bias [out]. */
  dense(inputs: number, outputs: number): void;
  /** Weight [out, in, size, size], bias [out]; stride 1, 'same' padding. */
  convolution(inputs: number, outputs: number, size: number): void;
  relu(): void;
  /** Maximum over windows of 2×2 that do not overlap. */
  maxPool(): void;
  build(): InferenceModel;
}

export function createLayers(): LayerStack {
  const nodes: NodeProto[] = [];
  const initializers = new Map<string, ConstantTensor>();
  let value = 'input';
  let layers = 0;

  function add(opType: string, others: readonly string[], attributes: Attributes = {}): void {
    const output = `${opType.toLowerCase()}${nodes.length + 1}`;
    nodes.push(createNode(opType, [value, ...others], [output], attributes));
    value = output;
  }
  function parameters(weight: readonly number[], bias: readonly number[]): string[] {
    layers += 1;
    const shapes = { [`layer${layers}.weight`]: weight, [`layer${layers}.bias`]: bias };
    for (const [name, shape] of Object.entries(shapes)) {
      initializers.set(name, floatTensor(shape, new Float32Array(elementCount(shape))));
    }
    return Object.keys(shapes);
  }

  return {
    reshape(shape) {
      const name = `shape${nodes.length + 1}`;
      initializers.set(name, integerTensor([shape.length + 1], [-1, ...shape]));
      add('Reshape', [name]);
    },
    dense: (inputs, outputs) => add('Gemm', parameters([inputs, outputs], [outputs])),
    convolution: (inputs, outputs, size) =>
      add('Conv', parameters([outputs, inputs, size, size], [outputs]), {
        kernel_shape: [size, size],
        auto_pad: 'SAME_UPPER',
      }),
    relu: () => add('Relu', []),
    maxPool: () => add('MaxPool', [], { kernel_shape: [2, 2], strides: [2, 2] }),
    build() {
      const last = nodes.pop()!;
      return {
        input: 'input',
        output: 'logits',
        nodes: [...nodes, { ...last, output: ['logits'] }],
        initializers,
        opset,
      };
    },
  };
}
