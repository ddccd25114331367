/** The layers of a model and of the models in it. */
import type { LayersModel } from '@tensorflow/tfjs';

type AnyLayer = LayersModel['layers'][number];

export function isNested(layer: unknown): layer is LayersModel {
  return Array.isArray((layer as Partial<LayersModel>).layers);
}

/** Each layer once, with its path: `backbone/dense` is the layer `dense` of the model `backbone`. */
export function layersOf(model: LayersModel): { layer: AnyLayer; path: string }[] {
  const found = new Map<AnyLayer, string>();
  const visit = (each: LayersModel, prefix: string) => {
    for (const layer of each.layers) {
      const path = `${prefix}${layer.name}`;
      if (isNested(layer)) visit(layer, `${path}/`);
      else if (!found.has(layer)) found.set(layer, path);
    }
  };
  visit(model, '');
  return Array.from(found, ([layer, path]) => ({ layer, path }));
}
