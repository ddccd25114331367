/** Reshape and Flatten as Keras has them: an extent of −1 is what remains, and what is flat can be flattened. TensorFlow.js can neither. */
import type { serialization, Tensor } from '@tensorflow/tfjs';
import { elementCount } from '../layout.ts';
import type { Tf } from './tf.ts';

/** Under a name of its own: TensorFlow.js keeps its layers as they are. */
export const reshapeClass = 'KerasReshape';

export function registerReshape(tf: Tf): void {
  class KerasReshape extends tf.layers.Layer {
    static className = reshapeClass;
    readonly targetShape: readonly number[];

    constructor(config: { targetShape: readonly number[] }) {
      super(config as object);
      this.targetShape = config.targetShape;
    }

    override computeOutputShape(inputShape: number[]): number[] {
      const [batch, ...shape] = inputShape as [number, ...number[]];
      const known = elementCount(this.targetShape.filter((extent) => extent >= 0));
      const rest = elementCount(shape) / known;
      const target = this.targetShape.map((extent) => (extent < 0 ? rest : extent));
      if (elementCount(target) !== elementCount(shape) || !target.every(Number.isInteger)) {
        throw new Error(`the layer "${this.name}" cannot bring [${shape}] into the shape [${this.targetShape}]`);
      }
      return [batch, ...target];
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      const [input] = [inputs].flat() as [Tensor];
      return tf.reshape(input, this.computeOutputShape(input.shape));
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), targetShape: [...this.targetShape] };
    }
  }
  tf.serialization.registerClass(KerasReshape as unknown as Parameters<typeof tf.serialization.registerClass>[0]);
}
