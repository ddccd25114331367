/** TensorFlow.js as a type: what runs is loaded by `tensorflow.ts`. */
export type Tf = typeof import('@tensorflow/tfjs');
