/** A stake with an honest token, a federation that answers as it is told, and a depositor with 10,000 wei allowed. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { connect } from './connection.ts';

export const treasuryBasisPoints = 2500;

export async function bank() {
  const { ethers, time } = await connect();
  const [holder, depositor, challenger, treasury] = (await ethers.getSigners()) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const token = await ethers.deployContract('TributaryToken', [holder.address, 10n ** 27n]);
  const stake = await ethers.deployContract('Stake', [token, treasury.address, treasuryBasisPoints]);
  const federation = await ethers.deployContract('SlashingFederation');
  await token.transfer(depositor.address, 1_000_000n);
  await token.connect(depositor).approve(stake, 1_000_000n);
  const held = () => token.balanceOf(stake);
  const mine = stake.connect(depositor);
  return { ethers, time, holder, depositor, challenger, treasury, token, stake, federation, mine, held };
}
