/** Keras models as JSON, for tests: layers one by one, sequential, or with a model in the model. */
import { InferenceSession, Tensor } from 'onnxruntime-node';

export type Layer = { class_name: string; config: Record<string, unknown>; [key: string]: unknown };

export const layer = (className: string, config: Record<string, unknown> = {}): Layer => ({
  class_name: className,
  config: { name: className.toLowerCase(), ...config },
});

export const sequential = (...layers: Layer[]) => ({ class_name: 'Sequential', config: { name: 's', layers } });
export const first = { batch_input_shape: [null, 6] };
export const task = { inputShape: [6], classes: 3 };
export const output = (config = {}) => layer('Dense', { name: 'output', units: 3, ...config });
export const hidden = (config = {}) => layer('Dense', { name: 'hidden', units: 5, activation: 'tanh', ...config });

/** `output` behind a model `backbone` that holds `hidden`; `call` is the node that Keras 2 or Keras 3 names. */
export const nest = (from: string, call: number, backbone: Record<string, unknown> = {}) => {
  const tensor = (name: string, node: number) => ({
    args: [{ class_name: '__keras_tensor__', config: { keras_history: [name, node, 0] } }],
  });
  const named = (each: Layer, name?: string, node = 0) => ({
    ...each,
    name: each.config.name,
    inbound_nodes: name === undefined ? [] : [from === 'Keras 3' ? tensor(name, node) : [[name, node, 0, {}]]],
  });
  const functional = (name: string, ends: [string, string], ...layers: unknown[]) => ({
    class_name: 'Functional',
    config: { name, layers, input_layers: [[ends[0], 0, 0]], output_layers: [[ends[1], 0, 0]] },
  });
  const hiddenOf = layer('Dense', { name: 'hidden', units: 5, activation: 'tanh' });
  const inner = functional(
    'backbone',
    ['in', 'hidden'],
    named(layer('InputLayer', { name: 'in', ...first })),
    named(hiddenOf, 'in'),
  );
  Object.assign(inner.config, backbone);
  return functional(
    'm',
    ['in', 'output'],
    named(layer('InputLayer', { name: 'in', ...first })),
    named(inner as unknown as Layer, 'in'),
    named(output({ activation: 'softmax' }), 'backbone', call),
  );
};

/** What ONNX Runtime makes of one sample. */
export async function logitsOf(bytes: Uint8Array, sample: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(bytes);
  const { logits } = await session.run({ input: new Tensor(sample, [1, sample.length]) });
  await session.release();
  return logits!.data as Float32Array;
}
