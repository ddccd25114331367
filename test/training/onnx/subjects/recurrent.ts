import type { Shape } from '../../../../client/training/onnx/tensor.ts';
import type { Subject } from '../operatorCheck.ts';
import type { Subjects } from './values.ts';

/** Sequences of 3 steps of 2 samples of 4 numbers; 5 numbers of state. */
function network(gates: number, attributes: NonNullable<Subject['attributes']>, outputs: readonly number[]): Subject {
  const directions = attributes.direction === 'bidirectional' ? 2 : 1;
  return {
    inputs: [
      [3, 2, 4],
      [directions, gates * 5, 4],
      [directions, gates * 5, 5],
      [directions, 2 * gates * 5],
    ],
    attributes: { hidden_size: 5, ...attributes },
    outputs,
  };
}

function withStates(subject: Subject, count: number): Subject {
  const [directions] = subject.inputs[1] as Shape;
  const states = Array<Shape>(count).fill([directions!, 2, 5]);
  return { ...subject, inputs: [...subject.inputs, undefined, ...states] };
}

function withoutBias(subject: Subject): Subject {
  return { ...subject, inputs: subject.inputs.slice(0, 3) };
}

export const recurrent: Subjects = {
  GRU: {
    'all states': network(3, {}, [0]),
    'reset after, both outputs': network(3, { linear_before_reset: 1 }, [0, 1]),
    'both directions, from given states': withStates(network(3, { direction: 'bidirectional' }, [0]), 1),
    'without a bias': withoutBias(network(3, { linear_before_reset: 1 }, [1])),
  },
  LSTM: {
    'all outputs': network(4, {}, [0, 1, 2]),
    'reversed, last state': network(4, { direction: 'reverse' }, [1]),
    'both directions, from given states': withStates(network(4, { direction: 'bidirectional' }, [0, 2]), 2),
    'without a bias': withoutBias(network(4, {}, [0])),
  },
  RNN: {
    'all states': network(1, {}, [0]),
    'both directions, last states': network(1, { direction: 'bidirectional' }, [1]),
  },
};
