/**
 * Tensors that are equal by chance. PyTorch writes equal tensors once, such as the ones and zeros that all normalisations
 * start from, and gives the others by Identity: each of them is a tensor of its own again. Only tensors of one repeated
 * number are taken for equal by chance; others that are used twice are shared weights.
 */
import type { NodeProto } from '../proto.ts';
import type { ConstantTensor } from '../tensor.ts';

interface Given {
  nodes: readonly NodeProto[];
  initializers: ReadonlyMap<string, ConstantTensor>;
}

function isRepeated({ type, shape, data }: ConstantTensor): boolean {
  return type === 'float32' && shape.length > 0 && data.length > 1 && data.every((value) => value === data[0]);
}

export function separateEqualTensors({ nodes, initializers }: Given) {
  const tensors = new Map(initializers);
  const named = nodes.filter(({ opType, input, output }) => {
    const tensor = opType === 'Identity' ? tensors.get(input?.[0] ?? '') : undefined;
    if (!tensor || !isRepeated(tensor)) return true;
    tensors.set(output![0]!, { ...tensor, data: tensor.data.slice() });
    return false;
  });
  const taken = new Set<string>();
  const separated = named.map((node): NodeProto => {
    const input = (node.input ?? []).map((name, place) => {
      const tensor = tensors.get(name);
      if (!tensor || !isRepeated(tensor)) return name;
      const own = taken.has(name) ? `${node.output![0]}/${name}.${place}` : name;
      taken.add(own);
      if (own !== name) tensors.set(own, { ...tensor, data: tensor.data.slice() });
      return own;
    });
    return { ...node, input };
  });
  return { nodes: separated, initializers: tensors };
}
