/** The in-process chain, and what moves its time. */
import { network } from 'hardhat';
import type {} from '../../types/ethers-contracts/hardhat.d.ts';

export async function connect() {
  const { ethers, networkHelpers, provider } = await network.create();
  return { ethers, time: networkHelpers.time, networkHelpers, provider };
}

export type Connection = Awaited<ReturnType<typeof connect>>;
