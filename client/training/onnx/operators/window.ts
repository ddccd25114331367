/** The sliding window that convolutions and poolings share. Spatial axes are those after [batch, channels]. */
import { integerAttribute, integersAttribute, stringAttribute } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import type { Shape } from '../tensor.ts';
import { mismatch, unsupported } from './operator.ts';

export interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  /** Begin of every axis, then end of every axis, as ONNX has it. */
  pads: readonly number[];
  outputs: readonly number[];
  /** Positions at the end of each padded axis that the last window does not reach. */
  remainders: readonly number[];
}

function padding(mode: string, total: number): [number, number] {
  const smaller = Math.floor(total / 2);
  return mode === 'SAME_LOWER' ? [total - smaller, smaller] : [smaller, total - smaller];
}

/** Errors: OPERATOR_UNSUPPORTED for dilation and ceil_mode, MODEL_MISMATCH where the window is larger than the input. */
export function resolveWindow(node: NodeProto, input: Shape, kernel: readonly number[]): Window {
  const extents = input.slice(2);
  if (extents.length !== kernel.length || extents.length === 0) {
    throw mismatch(node, `a window of [${kernel}] cannot slide over an input of shape [${input}]`);
  }
  const ones = kernel.map(() => 1);
  const strides = integersAttribute(node, 'strides', ones);
  if (integersAttribute(node, 'dilations', ones).some((dilation) => dilation !== 1))
    throw unsupported(node, 'dilation');
  if (integerAttribute(node, 'ceil_mode', 0) !== 0) throw unsupported(node, 'ceil_mode');
  const mode = stringAttribute(node, 'auto_pad', 'NOTSET');
  const given = integersAttribute(node, 'pads', [...kernel, ...kernel].fill(0));

  const axes = extents.map((extent, axis) => {
    const stride = strides[axis]!;
    const size = kernel[axis]!;
    const [begin, end] = mode.startsWith('SAME')
      ? padding(mode, Math.max((Math.ceil(extent / stride) - 1) * stride + size - extent, 0))
      : mode === 'VALID'
        ? [0, 0]
        : [given[axis]!, given[axis + extents.length]!];
    const room = extent + begin + end - size;
    if (room < 0) throw mismatch(node, `a window of [${kernel}] is larger than its input [${extents}]`);
    return { begin, end, output: Math.floor(room / stride) + 1, remainder: room % stride };
  });
  return {
    kernel,
    strides,
    pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
    outputs: axes.map(({ output }) => output),
    remainders: axes.map(({ remainder }) => remainder),
  };
}

/** The shape of the input, once the gradient of a window has been spread over it by ConvTranspose. */
export function transposedAttributes({ kernel, strides, pads, remainders }: Window) {
  return { kernel_shape: kernel, strides, pads, output_padding: remainders };
}
