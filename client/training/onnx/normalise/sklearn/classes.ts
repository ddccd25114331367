/** The classes of a classifier in the order of its outputs. */
import { integersAttribute, stringsAttribute } from '../../node.ts';
import type { NodeProto } from '../../proto.ts';

/** Of a ZipMap or a LinearClassifier. */
export function classesOf(node: NodeProto): string[] {
  const numbers = ['classlabels_int64s', 'classlabels_ints'].flatMap((name) => integersAttribute(node, name, []));
  return [...stringsAttribute(node, 'classlabels_strings'), ...numbers.map(String)];
}
