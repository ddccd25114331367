/** The shadow of what Stake does by itself: what it must ask the places for is in `unbonding.ts`. */
import { add, least, must, type Place, type Position, type World } from './world.ts';

export function positionOf({ stake }: World, where: Place, account: string): Position {
  const key = `${where} ${account}`;
  let position = stake.positions.get(key);
  if (position === undefined) {
    position = { bondedWei: 0n, unbondingWei: 0n, releaseAt: 0, vouchedRound: 0, history: [] };
    stake.positions.set(key, position);
  }
  return position;
}

function writtenWei({ history }: Position): bigint {
  return history.at(-1)?.wei ?? 0n;
}

/** Notes what is bonded now. */
export function write({ now }: World, position: Position): void {
  if (position.history.at(-1)?.at === now) position.history.pop();
  position.history.push({ at: now, wei: position.bondedWei });
}

export function votesOf(world: World, account: string): bigint {
  return writtenWei(positionOf(world, 'federation', account)) + writtenWei(positionOf(world, 'rewards', account));
}

export function deposit(world: World, account: string, where: Place, wei: bigint): void {
  must(wei !== 0n, 'ZeroAmount');
  const position = positionOf(world, where, account);
  position.bondedWei += wei;
  write(world, position);
}

/** @returns what was taken: of what is bonded first. */
export function slash(
  world: World,
  where: Place,
  account: string,
  wei: bigint,
  challenger: string,
  basisPoints: number,
) {
  const position = positionOf(world, where, account);
  const heldWei = position.bondedWei + position.unbondingWei;
  const takenWei = least(wei, heldWei);
  const fromBondedWei = least(takenWei, position.bondedWei);
  position.bondedWei -= fromBondedWei;
  position.unbondingWei -= takenWei - fromBondedWei;
  const rewarded = BigInt(challenger) !== 0n && challenger !== account;
  const shareWei = rewarded ? (takenWei * BigInt(Math.min(basisPoints, 5000))) / 10_000n : 0n;
  add(world.stake.owedWei, challenger, shareWei);
  world.stake.slashedWei += takenWei - shareWei;
  return takenWei;
}

export function checkpoint(world: World, where: Place, account: string): void {
  const position = positionOf(world, where, account);
  if (writtenWei(position) !== position.bondedWei) write(world, position);
}

export function requireStake(world: World, where: Place, account: string, wei: bigint): void {
  must(positionOf(world, where, account).bondedWei >= wei, 'InsufficientStake');
  checkpoint(world, where, account);
}

export function claimOwed({ stake }: World, account: string): void {
  must((stake.owedWei.get(account) ?? 0n) !== 0n, 'NothingOwed');
  stake.owedWei.set(account, 0n);
}

export function settleSlashed({ stake, addresses }: World): void {
  must(stake.slashedWei !== 0n, 'ZeroAmount');
  add(stake.owedWei, addresses.treasury, (stake.slashedWei * BigInt(stake.treasuryBasisPoints)) / 10_000n);
  stake.slashedWei = 0n;
}

export function bondedWeiAt(world: World, where: Place, account: string, at: number): bigint {
  return positionOf(world, where, account).history.findLast((entry) => entry.at <= at)?.wei ?? 0n;
}
