/** The standard models by name, as ONNX inference graphs whose weights are still zero. */
import type { ModelDefinition } from '../engine.ts';
import type { InferenceModel } from '../onnx/model.ts';
import { cnn } from './cnn.ts';
import { perceptron } from './perceptron.ts';

type StandardDefinition = Extract<ModelDefinition, { kind: 'logistic' | '2nn' | 'cnn' }>;

export function buildModel(definition: StandardDefinition): InferenceModel {
  switch (definition.kind) {
    case 'logistic':
      return perceptron(definition, []);
    case '2nn':
      return perceptron(definition, [200, 200]);
    case 'cnn':
      return cnn(definition);
  }
}
