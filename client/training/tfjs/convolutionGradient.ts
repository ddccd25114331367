/**
 * The gradients of a convolution as convolutions (Dumoulin and Visin, https://arxiv.org/abs/1603.07285, chapter 4). The
 * WebAssembly backend lacks the one for the kernel and is slow at the one for the inputs, but convolves fast.
 */
import type { KernelConfig, Tensor4D } from '@tensorflow/tfjs';
import type { Tf } from './tf.ts';

type Extents = [number, number, number, number];

interface Attributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number;
  dimRoundingMode: 'floor' | 'round' | 'ceil';
}

export function registerConvolutionGradients(tf: Tf): void {
  const infoOf = (shape: Extents, kernelShape: Extents, { strides, pad, dimRoundingMode }: Attributes) =>
    tf.backend_util.computeConv2DInfo(shape, kernelShape, strides, 1, pad, dimRoundingMode);

  /** The inputs, padded, convolved with the outputs' gradient; samples and channels change places. */
  const kernelGradient: KernelConfig['kernelFunc'] = ({ inputs, attrs }) => {
    const { x, dy } = inputs as unknown as { x: Tensor4D; dy: Tensor4D };
    const { filterShape, ...attributes } = attrs as unknown as Attributes & { filterShape: Extents };
    const { padInfo, strideHeight, strideWidth } = infoOf(x.shape, filterShape, attributes);
    const padded = tf.pad4d(x, [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ]);
    const byChannel = tf.transpose(padded, [3, 1, 2, 0]);
    const bySample = tf.transpose(dy, [1, 2, 0, 3]);
    const product = tf.conv2d(byChannel, bySample, 1, 'valid', 'NHWC', [strideHeight, strideWidth]);
    const [rows, columns, channels, filters] = filterShape;
    return tf.transpose(tf.slice4d(product, [0, 0, 0, 0], [channels, rows, columns, filters]), [1, 2, 0, 3]);
  };

  const backendsOwn = tf.getKernel('Conv2DBackpropInput', 'wasm');
  /** The outputs' gradient, fully padded, convolved with the kernel turned by 180°. */
  const inputGradient: KernelConfig['kernelFunc'] = (call) => {
    const { dy, filter } = call.inputs as unknown as { dy: Tensor4D; filter: Tensor4D };
    const { inputShape, ...attributes } = call.attrs as unknown as Attributes & { inputShape: Extents };
    const { padInfo, strideHeight, strideWidth } = infoOf(inputShape, filter.shape, attributes);
    if (strideHeight !== 1 || strideWidth !== 1) return backendsOwn!.kernelFunc(call);
    const [rows, columns] = filter.shape;
    const padded = tf.pad4d(dy, [
      [0, 0],
      [rows - 1 - padInfo.top, rows - 1 - padInfo.bottom],
      [columns - 1 - padInfo.left, columns - 1 - padInfo.right],
      [0, 0],
    ]);
    return tf.conv2d(padded, tf.transpose(tf.reverse4d(filter, [0, 1]), [0, 1, 3, 2]), 1, 'valid');
  };

  if (backendsOwn === undefined) return;
  tf.unregisterKernel('Conv2DBackpropInput', 'wasm');
  tf.registerKernel({ ...backendsOwn, kernelFunc: inputGradient }); // with its set-up, which strided convolutions need
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName: 'wasm', kernelFunc: kernelGradient });
}
