/** Roots of nothing over inputs that all attest, and nothing is served. */
import { keccak256 } from '../core/hash.ts';
import type { FalseProposal, ProposalCase } from './attack.ts';

export async function proposeNothing({ node, honest }: ProposalCase): Promise<FalseProposal> {
  const nothing = (of: string) => keccak256(new TextEncoder().encode(`${node.account} ${honest.round} ${of}`));
  const proposal = {
    ...honest,
    modelRoot: nothing('model'),
    modelCid: nothing('bytes of the model'),
    inputsCid: nothing('bytes of the inputs'),
    columnsRoot: nothing('columns'),
  };
  return { proposal, did: 'proposed roots of nothing, and serves nothing' };
}
