/** The sliding window that convolutions and poolings share. Spatial axes are those after [batch, channels]. */
import { integerAttribute, integersAttribute, stringAttribute } from '../node.ts';
import type { NodeProto } from '../proto.ts';
import type { Shape } from '../tensor.ts';
import { mismatch, unsupported } from './operator.ts';

export interface Window {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  /** Begin of every axis, then end of every axis, as ONNX has it. */
  pads: readonly number[];
  outputs: readonly number[];
  /** Positions at the end of each padded axis that the last window does not reach; below 0 where it goes beyond (ceil_mode). */
  remainders: readonly number[];
}

function padding(mode: string, total: number): [number, number] {
  const smaller = Math.floor(total / 2);
  return mode === 'SAME_LOWER' ? [total - smaller, smaller] : [smaller, total - smaller];
}

/** Errors: MODEL_MISMATCH where the window is larger than the input, OPERATOR_UNSUPPORTED. */
export function resolveWindow(node: NodeProto, input: Shape, kernel: readonly number[]): Window {
  const extents = input.slice(2);
  if (extents.length !== kernel.length || extents.length === 0) {
    throw mismatch(node, `a window of [${kernel}] cannot slide over an input of shape [${input}]`);
  }
  const ones = kernel.map(() => 1);
  const strides = integersAttribute(node, 'strides', ones);
  const dilations = integersAttribute(node, 'dilations', ones);
  const isCeil = integerAttribute(node, 'ceil_mode', 0) !== 0;
  const mode = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (mode.startsWith('SAME') && dilations.some((dilation) => dilation !== 1)) {
    throw unsupported(node, `dilations and auto_pad ${mode}`); // nor does ONNX Runtime run it
  }
  const given = integersAttribute(node, 'pads', [...kernel, ...kernel].fill(0));

  const axes = extents.map((extent, axis) => {
    const stride = strides[axis]!;
    const size = (kernel[axis]! - 1) * dilations[axis]! + 1;
    const [begin, end] = mode.startsWith('SAME')
      ? padding(mode, Math.max((Math.ceil(extent / stride) - 1) * stride + size - extent, 0))
      : mode === 'VALID'
        ? [0, 0]
        : [given[axis]!, given[axis + extents.length]!];
    const room = extent + begin + end - size;
    if (room < 0) throw mismatch(node, `a window of [${kernel}] is larger than its input [${extents}]`);
    // A window that would begin in the padding at the end is left out.
    const last = isCeil
      ? Math.min(Math.ceil(room / stride), Math.ceil((extent + begin) / stride) - 1)
      : Math.floor(room / stride);
    return { begin, end, output: last + 1, remainder: room - last * stride };
  });
  return {
    kernel,
    strides,
    dilations,
    pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
    outputs: axes.map(({ output }) => output),
    remainders: axes.map(({ remainder }) => remainder),
  };
}

/** What takes a gradient back over a window by ConvTranspose: the result has the input's extents. */
export function transposedAttributes({ kernel, strides, dilations, pads, remainders }: Window) {
  const rank = kernel.length;
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: pads.map((pad, place) => (place < rank ? pad : pad + Math.max(-remainders[place - rank]!, 0))),
    output_padding: remainders.map((remainder) => Math.max(remainder, 0)),
  };
}
