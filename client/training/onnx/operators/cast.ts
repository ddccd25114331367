/** Cast: a gradient flows from floats to floats only. */
import { integerAttribute } from '../node.ts';
import { dataType } from '../tensor.ts';
import { type Operator, unsupported } from './operator.ts';

const halves = [10, 16]; // float16, bfloat16

export const cast: Operator = {
  differentiable: ({ node }) => (integerAttribute(node, 'to', 0) === dataType.float32 ? [0] : []),
  inferShape({ node, shapes }) {
    const to = integerAttribute(node, 'to', 0);
    if (to === dataType.float64 || halves.includes(to)) throw unsupported(node, 'floats other than of 32 bits');
    return shapes[0]!;
  },
  backward: ({ gradient }) => [gradient],
};
