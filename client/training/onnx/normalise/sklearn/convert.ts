/** Operators of scikit-learn's exporter (domain ai.onnx.ml) as standard ones: linear models and their preprocessing. */
import { TributaryError } from '../../../../core/errors.ts';
import type { NodeProto } from '../../proto.ts';
import { type Draft, prune, rewrite } from '../draft.ts';
import { linearClassifier, linearRegressor } from './linear.ts';
import { fuseOneAgainstRest } from './oneAgainstRest.ts';
import { arrayFeatureExtractor, featureVectorizer, imputer, normalizer, scaler } from './preprocessing.ts';

const domain = 'ai.onnx.ml';

const conversions: Readonly<Record<string, (node: NodeProto, draft: Draft) => NodeProto[]>> = {
  ArrayFeatureExtractor: arrayFeatureExtractor,
  FeatureVectorizer: featureVectorizer,
  Imputer: imputer,
  LinearClassifier: linearClassifier,
  LinearRegressor: linearRegressor,
  Normalizer: normalizer,
  Scaler: scaler,
};

const whatLearns =
  'train a model that learns by gradients instead: LogisticRegression, LinearRegression, SGDClassifier, MLPClassifier or MLPRegressor, or a network of PyTorch or Keras';

/** Why others are refused, by the beginning of their names. */
const refusals: Readonly<Record<string, string>> = {
  TreeEnsemble: `is made of decision trees, which no gradient can train: ${whatLearns}`,
  SVM: `is a support vector machine over stored samples, which would hand out their rows and which no gradient can train: ${whatLearns}`,
  OneHotEncoder: 'encodes categories: leave it out, and say the categories in the description of the data',
  LabelEncoder: 'encodes labels: leave it out, and say the classes in the description of the data',
  CategoryMapper: 'encodes categories: leave it out, and say the categories in the description of the data',
  DictVectorizer: 'reads dictionaries: leave it out, and say the columns in the description of the data',
  Binarizer: 'gives steps, which have no gradient: leave it out',
  GaussianProcess: `keeps stored samples, which no gradient can train: ${whatLearns}`,
};

function refuse(node: NodeProto): never {
  const [, reason] = Object.entries(refusals).find(([name]) => node.opType.startsWith(name)) ?? [];
  const why = reason ?? (node.domain === domain ? `cannot be trained: ${whatLearns}` : undefined);
  throw new TributaryError(
    'OPERATOR_UNSUPPORTED',
    why === undefined
      ? `The operator ${node.domain}.${node.opType} is not a standard ONNX operator: export the model without it.`
      : `The operator ${node.opType} ${why}.`,
    { args: { operator: node.opType } },
  );
}

/** Nearest neighbours are written as a loop over the stored samples. */
function refuseNeighbours({ nodes }: Draft): void {
  const loop = nodes.find(({ opType }) => opType === 'Scan' || opType === 'CDist' || opType === 'TopK');
  if (!loop) return;
  throw new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `The model compares with stored samples (${loop.opType}), as nearest neighbours do: it would hand out their rows, and no gradient can train it; ${whatLearns}.`,
    { args: { operator: loop.opType } },
  );
}

/** Errors: OPERATOR_UNSUPPORTED for operators of other domains, with what to do instead. */
export function convertSklearn(draft: Draft, producer: string | undefined): void {
  if (producer === 'skl2onnx') {
    refuseNeighbours(draft);
    fuseOneAgainstRest(draft);
  }
  // node by node: what a conversion looks at has been converted before
  const pending = draft.nodes;
  draft.nodes = [];
  for (const node of pending) {
    if ((node.domain ?? '') === '' || node.domain === 'ai.onnx') draft.nodes.push(node);
    else if (node.domain === domain && conversions[node.opType])
      draft.nodes.push(...conversions[node.opType]!(node, draft));
    else refuse(node);
  }
  rewrite(draft, ({ domain: _, ...node }) => [node]);
  prune(draft);
}
