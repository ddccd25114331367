/** A governed federation on chain, for reading and for acting. */
import { type GovernanceClient, openGovernance } from '../../governance/client.ts';
import type { Voter } from '../../governance/voting.ts';
import { type ReaderOptions, withFederation } from '../reader.ts';
import { type SignerOptions, withSigner } from '../signer.ts';

/** Errors: as `withFederation`. */
export function withGovernance<T>(options: ReaderOptions, read: (client: GovernanceClient) => Promise<T>): Promise<T> {
  return withFederation(options, ({ provider }, deployment) =>
    read(openGovernance(provider, deployment, deployment.deployBlock)),
  );
}

/** Errors: as `withSigner`. */
export function withVoter<T>(options: SignerOptions, act: (voter: Voter) => Promise<T>): Promise<T> {
  return withSigner(options, ({ federation, sender }, deployment) => {
    return act({ client: openGovernance(federation.provider, deployment, deployment.deployBlock), sender });
  });
}
