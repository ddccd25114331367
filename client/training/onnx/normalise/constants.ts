/** Values of Constant nodes become initializers: exporters put weights into either. */
import { readConstant } from '../model.ts';
import { type Draft, rewrite } from './draft.ts';

export function liftConstants(draft: Draft): void {
  rewrite(draft, (node) => {
    if (node.opType !== 'Constant') return undefined;
    const name = node.output![0]!;
    draft.initializers.set(name, readConstant(node));
    draft.fromNodes.add(name);
    return [];
  });
}
