/** A wrong model: one coordinate is off by the smallest step there is. */

import { aggregate } from '../core/aggregate.ts';
import { digestOfCid } from '../core/cid.ts';
import { modelToBytes } from '../core/codec.ts';
import { buildModelTree } from '../core/commitment.ts';
import { merkleRoot } from '../core/merkle.ts';
import type { FalseProposal, ProposalCase } from './attack.ts';

export async function proposeWrongModel({ node, honest, base, updates }: ProposalCase): Promise<FalseProposal> {
  const { model } = aggregate(node.parameters().rule, base, updates);
  const coordinate = Math.floor(model.length / 2);
  model[coordinate]! += model[coordinate]! > 0 ? -1 : 1;
  const proposal = {
    ...honest,
    modelRoot: merkleRoot(buildModelTree(model)),
    modelCid: digestOfCid(await node.store.put(modelToBytes(model))),
  };
  return { proposal, did: `proposed a model whose coordinate ${coordinate} is off by one` };
}
