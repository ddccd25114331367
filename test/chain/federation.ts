/** A small federation on a chain, for tests: logistic regression on two features. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FederationClient, openFederation, transact } from '../../client/chain/federation.ts';
import type { ChainProvider } from '../../client/chain/provider.ts';
import { createSender } from '../../client/chain/sender.ts';
import { packTerms } from '../../client/chain/updateTerms.ts';
import type { MethodName } from '../../client/contracts/contracts.ts';
import { defaultChoices, type FederationChoices } from '../../client/deployment/choices.ts';
import { deployFederation } from '../../client/deployment/deploy.ts';
import { developmentWallet } from '../../client/node/key.ts';

export const smallManifest = {
  format: 'tributary-task/1' as const,
  name: 'small',
  model: { kind: 'logistic' as const, inputShape: [2], classes: 2 },
  training: {
    optimizer: { name: 'sgd' as const },
    learningRate: 0.1,
    epochs: 1,
    batchSize: 2,
    proximalMu: 0,
    loss: 'softmaxCrossEntropy' as const,
  },
  samplesPerWeight: 1,
  seed: 'small',
};

/** Deploys, and lets development accounts 1 … `trainers` join as trainers, after an aggregator without which no round opens. */
export async function deploySmallFederation(
  provider: ChainProvider,
  trainers: number,
  choices: Partial<FederationChoices> = {},
): Promise<{ federation: FederationClient; file: string }> {
  const accounts = Array.from({ length: trainers }, (_, index) => developmentWallet(index + 1));
  const members = accounts.map((wallet) => ({
    wallet,
    tokens: 100n,
    method: 'joinAsTrainer' as MethodName<'Federation'>,
  }));
  // none of theirs
  const aggregator = developmentWallet(Math.max(9, trainers + 1));
  if (trainers > 0) members.unshift({ wallet: aggregator, tokens: 1000n, method: 'joinAsAggregator' });
  const file = join(mkdtempSync(join(tmpdir(), 'tributary-test-')), 'deployment.json');
  const deployment = await deployFederation({
    provider,
    wallet: developmentWallet(0),
    name: 'test',
    manifest: smallManifest,
    choices: { ...defaultChoices, startTrainers: Math.max(1, trainers), ...choices },
    grants: members.map(({ wallet }) => ({ account: wallet.address, tokens: 10_000 })),
    file,
  });
  for (const { wallet, tokens, method } of members) {
    const sender = createSender(wallet, provider);
    const stakeWei = tokens * 10n ** 18n;
    await transact(sender, 'approving', deployment.token, 'TributaryToken', 'approve', [deployment.stake, stakeWei]);
    await transact(sender, 'depositing', deployment.stake, 'Stake', 'deposit', [deployment.federation, stakeWei]);
    await transact(sender, 'joining', deployment.federation, 'Federation', method, []);
  }
  const federation = openFederation(provider, deployment, deployment.deployBlock);
  await federation.sync();
  return { federation, file };
}

export function submit(federation: FederationClient, account: number, round: number) {
  const sender = createSender(developmentWallet(account), federation.provider);
  const word = `0x${String(account).padStart(64, '0')}`;
  const args = [packTerms({ round, squaredNorm: 1, weight: 1 }), word, word];
  return transact(sender, 'submitting', federation.addresses.federation, 'Federation', 'submitUpdate', args);
}
