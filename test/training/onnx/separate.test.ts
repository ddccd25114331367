import { expect } from 'chai';
import { createNode } from '../../../client/training/onnx/node.ts';
import { separateEqualTensors } from '../../../client/training/onnx/normalise/separate.ts';
import { floatTensor, integerTensor } from '../../../client/training/onnx/tensor.ts';

const ones = floatTensor([3], [1, 1, 1]);
const weight = floatTensor([3], [1, 2, 3]);

describe('tensors that are equal by chance', () => {
  it('are tensors of their own again, by the names that PyTorch gives them through Identity', () => {
    const nodes = [
      createNode('Identity', ['first.scale'], ['second.scale']),
      createNode('Mul', ['x', 'first.scale'], ['a']),
      createNode('Mul', ['a', 'second.scale'], ['y']),
    ];
    const separated = separateEqualTensors({ nodes, initializers: new Map([['first.scale', ones]]) });
    expect(separated.nodes.map(({ input }) => input)).to.deep.equal([
      ['x', 'first.scale'],
      ['a', 'second.scale'],
    ]);
    expect([...separated.initializers.keys()]).to.deep.equal(['first.scale', 'second.scale']);
    expect(separated.initializers.get('second.scale')).to.deep.equal(ones);
    expect(separated.initializers.get('second.scale')!.data).not.to.equal(ones.data);
  });

  it('are separated where nodes share them without an Identity, and where one node takes one twice', () => {
    const nodes = [
      createNode('BatchNormalization', ['x', 'ones', 'zeros', 'zeros', 'ones'], ['a']),
      createNode('Mul', ['a', 'ones'], ['y']),
    ];
    const zeros = floatTensor([3], [0, 0, 0]);
    const { nodes: after, initializers } = separateEqualTensors({
      nodes,
      initializers: new Map([
        ['ones', ones],
        ['zeros', zeros],
      ]),
    });
    const used = after.flatMap(({ input }) => input!.filter((name) => initializers.has(name)));
    expect(used).to.have.length(5);
    expect(new Set(used).size).to.equal(5);
    expect([...initializers.values()].map(({ data }) => [...data])).to.have.deep.members([
      [1, 1, 1],
      [0, 0, 0],
      [0, 0, 0],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('stay one where they are shared weights, single numbers or whole numbers', () => {
    const initializers = new Map([
      ['w', weight],
      ['s', floatTensor([], [1])],
      ['i', integerTensor([2], [1, 1])],
    ]);
    const nodes = [
      createNode('Identity', ['w'], ['tied']),
      createNode('Mul', ['w', 'tied'], ['a']),
      createNode('Mul', ['s', 's'], ['b']),
      createNode('Mul', ['i', 'i'], ['c']),
    ];
    expect(separateEqualTensors({ nodes, initializers })).to.deep.equal({ nodes, initializers });
  });
});
