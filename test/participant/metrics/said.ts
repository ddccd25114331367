/** What evaluators say of the models of rounds, signed, and the rounds that they say it of. */
import { emptyState, type FederationState, type Round } from '../../../client/chain/rounds.ts';
import { fromHex } from '../../../client/core/hash.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import { type Measured, signMetrics } from '../../../client/participant/metrics/document.ts';
import { addresses } from '../addresses.ts';

const wallets = [1, 2, 3, 4].map(developmentWallet);
export const accounts = wallets.map(({ address }) => address);
export const rootOf = (round: number) => `0x${String(round).padStart(64, '0')}`;
export const auc = (round: number, value: string, modelRoot = rootOf(round)): Measured => ({
  round,
  modelRoot,
  metric: 'auc',
  value,
});

export const signText = (index: number, text: string) => wallets[index]!.signMessage(text);
export const signed = (index: number, measured: Measured[]) =>
  signMetrics(addresses, accounts[index]!, measured, (text) => signText(index, text)) as Promise<{
    measured: Measured[];
    signature: string;
  }>;

export function stateOf(rounds: readonly number[]): FederationState {
  const proposed = rounds.map((number) => {
    const round = {
      number,
      baseRound: number - 1,
      proposed: { id: `0x/${number}`, proposal: { modelRoot: fromHex(rootOf(number)) } },
    };
    return [number, round as unknown as Round] as const;
  });
  return { ...emptyState(), rounds: new Map(proposed) };
}
