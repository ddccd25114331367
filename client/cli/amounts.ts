/** Amounts as people read them. */
import { formatUnits } from 'ethers';

/** Rewards are counted in gwei, 1e-9 token. */
export function formatGwei(gwei: bigint): string {
  return `${formatUnits(gwei, 9)} tokens`;
}
