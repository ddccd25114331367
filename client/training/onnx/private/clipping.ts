/**
 * The sum of the samples' gradients, each clipped to a norm (Abadi et al., https://arxiv.org/abs/1607.00133, algorithm 1), in two sweeps: the
 * first gives every sample's norm, the second the gradients of the weights, with each sample's share scaled.
 */
import { TributaryError } from '../../../core/errors.ts';
import type { AnalysedNode, Analysis } from '../analysis.ts';
import { addBackward } from '../differentiate.ts';
import type { GraphBuilder } from '../graph.ts';
import { describe } from '../operators/operator.ts';
import { valuesOfData } from './apart.ts';
import { squaredNorms } from './norms.ts';

export interface Clipping {
  analysis: Analysis;
  input: string;
  output: string;
  /** Names of the parameters that are trained. */
  trained: readonly string[];
  /** Of each sample by itself: ∂loss/∂output, [batch, outputs]. */
  gradient: string;
  /** 1 for each sample, 0 for what fills up the batch: [batch, 1]. */
  present: string;
  clipNorm: number;
}

/** Where weights meet data. */
interface Meeting {
  node: AnalysedNode;
  /** Places of the inputs that follow from weights alone. */
  places: readonly number[];
  /** ∂loss/∂output of the node. */
  gradient: string;
}

/** What the weights are turned and reshaped by, before they meet data, leaves the norm of a gradient as it is. */
const keepsNorm = new Set(['Identity', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Σ over samples of min(1, clipNorm / ‖g‖)·g for each trained parameter, by its name. Errors: OPERATOR_UNSUPPORTED. */
export function addClippedGradients(graph: GraphBuilder, clipping: Clipping): Map<string, string> {
  const { analysis, input, output, trained, gradient, present, clipNorm } = clipping;
  const ofData = valuesOfData(analysis, input);
  const meetings: Meeting[] = [];
  const weightSide = new Set(trained);
  for (const { inputs, outputs } of analysis.nodes) {
    const follows = inputs.some((name) => weightSide.has(name)) && !outputs.some((name) => ofData.has(name));
    if (follows) for (const name of outputs) weightSide.add(name);
  }
  addBackward(graph, analysis, output, gradient, trained, (node, received) => {
    const places = node.inputs.flatMap((name, place) => (weightSide.has(name) ? place : []));
    if (places.length > 0 && ofData.has(node.output)) meetings.push({ node, places, gradient: received });
  });
  checkMeetings(analysis, meetings, weightSide, ofData);

  const norms = meetings.flatMap(({ node, places, gradient: received }) =>
    places.map((place) => squaredNorms(graph, node, place, received)),
  );
  const squared = norms.reduce((sum, norm) => graph.add('Add', [sum, norm]));
  const tiny = graph.scalar(1e-24); // a gradient of zero stays zero
  const inverse = graph.add('Div', [graph.scalar(clipNorm), graph.add('Sqrt', [graph.add('Add', [squared, tiny])])]);
  const factor = graph.add('Mul', [graph.add('Min', [inverse, graph.scalar(1)]), present]);
  return addWeightGradients(graph, clipping, meetings, factor, ofData);
}

/** Errors: OPERATOR_UNSUPPORTED for weights that are used twice, or changed before they are used. */
function checkMeetings(
  { nodes }: Analysis,
  meetings: readonly Meeting[],
  weightSide: ReadonlySet<string>,
  ofData: ReadonlySet<string>,
): void {
  const used = new Set<string>();
  const use = (node: AnalysedNode, places: readonly number[]) => {
    for (const name of places.map((place) => node.inputs[place]!)) {
      if (used.has(name)) throw cannotClip(node, `the weights "${name}" are used twice`);
      used.add(name);
    }
  };
  for (const { node, places } of meetings) use(node, places);
  for (const node of nodes) {
    const places = node.inputs.flatMap((name, place) => (weightSide.has(name) ? place : []));
    if (places.length === 0 || ofData.has(node.output)) continue;
    if (!keepsNorm.has(node.node.opType)) throw cannotClip(node, 'it changes weights before they are used');
    use(node, places);
  }
}

function cannotClip({ node }: AnalysedNode, reason: string): TributaryError {
  return new TributaryError(
    'OPERATOR_UNSUPPORTED',
    `The gradient of one sample cannot be clipped at ${describe(node)}: ${reason}. Train without --record-dp, or export the model otherwise.`,
    { args: { operator: node.opType } },
  );
}

/** The weights' gradients, from those of the outputs where they meet data, each sample's times its factor [batch, 1]. */
function addWeightGradients(
  graph: GraphBuilder,
  { analysis, trained }: Clipping,
  meetings: readonly Meeting[],
  factor: string,
  ofData: ReadonlySet<string>,
): Map<string, string> {
  const gradients = new Map<string, string>();
  for (const { node, places, gradient } of meetings) {
    const shape = [node.batch, ...node.outputShape.slice(1).map(() => 1)];
    const spread = shape.length === 2 ? factor : graph.add('Reshape', [factor, graph.integers(shape)]);
    takeIn(node, graph.add('Mul', [gradient, spread]), (place) => places.includes(place));
  }
  for (const node of analysis.nodes.toReversed()) {
    const received = gradients.get(node.output);
    if (received !== undefined && !ofData.has(node.output)) takeIn(node, received, (place) => place === 0);
  }
  return new Map(trained.map((name) => [name, gradients.get(name)!]));

  function takeIn(node: AnalysedNode, gradient: string, wanted: (place: number) => boolean): void {
    const contributions = node.operator.backward({ ...node, graph, gradient, gradients: [gradient], wanted });
    contributions.forEach((contribution, place) => {
      if (contribution !== undefined && wanted(place)) gradients.set(node.inputs[place]!, contribution);
    });
  }
}
