import { expect } from 'chai';
import { initializeParameters } from '../../client/training/initialization.ts';
import { createLayout } from '../../client/training/layout.ts';

const layout = createLayout([
  { name: 'conv.weight', shape: [4, 3, 5, 2] },
  { name: 'conv.bias', shape: [4] },
  { name: 'dense.weight', shape: [20, 7] },
  { name: 'dense.bias', shape: [7] },
]);

function slice(parameters: Float32Array, place: number): Float32Array {
  const { offset, size } = layout.tensors[place]!;
  return parameters.subarray(offset, offset + size);
}

describe('initializeParameters', () => {
  it('places tensors one after the other', () => {
    expect(layout.tensors.map(({ offset }) => offset)).to.deep.equal([0, 120, 124, 264]);
    expect(layout.dimension).to.equal(271);
  });

  it('draws kernels within the Glorot bound and nearly reaches it', () => {
    const parameters = initializeParameters(layout, 'a');
    const bounds = { 0: Math.sqrt(6 / (3 * 10 + 4 * 10)), 2: Math.sqrt(6 / 27) };
    for (const [place, bound] of Object.entries(bounds)) {
      const largest = Math.max(...slice(parameters, Number(place)).map(Math.abs));
      expect(largest).to.be.within(0.9 * bound, bound * (1 + 1e-6));
    }
  });

  it('leaves biases at zero', () => {
    const parameters = initializeParameters(layout, 'a');
    expect([...slice(parameters, 1), ...slice(parameters, 3)].every((value) => value === 0)).to.equal(true);
  });

  it('gives the same bits for the same seed, others for another', () => {
    expect(initializeParameters(layout, 'a')).to.deep.equal(initializeParameters(layout, 'a'));
    expect(initializeParameters(layout, 'a')).not.to.deep.equal(initializeParameters(layout, 'b'));
  });

  it('draws each tensor from a stream of its own', () => {
    const [first, second] = createLayout([
      { name: 'a', shape: [5, 6] },
      { name: 'b', shape: [5, 6] },
    ]).tensors;
    const parameters = initializeParameters({ tensors: [first!, second!], dimension: 60 }, 'a');
    expect(parameters.slice(0, 30)).not.to.deep.equal(parameters.slice(30));
  });
});
