/** The shadow of the federation's members. */
import { type Aggregator, type Attendance, maxInputs, must, type Slot, type Terms, type World } from './world.ts';

const maxDelaySeconds = 30 * 24 * 3600;

export function slotsOf(world: World, account: string): (Slot | undefined)[] {
  let slots = world.federation.slots.get(account);
  if (slots === undefined) {
    slots = Array.from({ length: world.ringSize }, () => undefined);
    world.federation.slots.set(account, slots);
  }
  return slots;
}

export function slotOf(world: World, account: string, round: number): Slot | undefined {
  return slotsOf(world, account)[round % world.ringSize];
}

export function isTrainer(world: World, account: string): boolean {
  const slot = slotsOf(world, account)[0];
  return slot !== undefined && !slot.retired;
}

export function isAggregator({ federation }: World, account: string): boolean {
  return federation.turns.some((place) => place.account === account && !place.left);
}

export function aggregatorOf({ federation }: World, account: string): Aggregator {
  return federation.aggregators.get(account) ?? neverAggregated;
}

const neverAggregated: Aggregator = {
  joinedAfter: 0,
  lastProposed: 0,
  missedTurns: 0,
  claimedRound: 0,
  claimedAt: 0,
  claimedDigest: '',
};

export function termsOf(world: World, round: number): Terms | undefined {
  const terms = world.federation.terms.get(round % world.ringSize);
  return terms?.round === round ? terms : undefined;
}

export function attendanceOf({ federation }: World, account: string): Attendance {
  let attendance = federation.attendance.get(account);
  if (attendance === undefined) {
    attendance = { strikes: 0, mayJoinAt: 0, unserved: 0, unservedRound: 0 };
    federation.attendance.set(account, attendance);
  }
  return attendance;
}

export function requiredStakeWei(world: World, account: string): bigint {
  const { trainerStakeWei, aggregatorBondWei } = world.federation.parameters;
  return (isTrainer(world, account) ? trainerStakeWei : 0n) + (isAggregator(world, account) ? aggregatorBondWei : 0n);
}

export function vouchedRound(world: World, account: string): number {
  const settled = world.federation.settledRound;
  const rounds = slotsOf(world, account).flatMap((slot) => (isNeeded(world, slot) ? [slot!.round] : []));
  return Math.max(0, ...[aggregatorOf(world, account).lastProposed, ...rounds].filter((round) => round > settled));
}

export function unbondingSeconds({ federation, rewards }: World): number {
  const { unbondingSeconds } = federation.parameters;
  const { seconds, finalRound } = federation.longerUnbonding;
  return seconds > unbondingSeconds && rewards.finalRound < finalRound ? seconds : unbondingSeconds;
}

// trainers

export function leaveAsTrainer(world: World, account: string): void {
  must(isTrainer(world, account), 'NotATrainer');
  removeWaitedFor(world, account);
}

export function reportAbsence(world: World, account: string): void {
  const { finalRound, skippedRound } = world.federation;
  must(isTrainer(world, account), 'NotATrainer');
  must(hasMissed(world, account, finalRound) || hasMissed(world, account, skippedRound), 'NotAbsent');
  removeWaitedFor(world, account);
}

export function removeWaitedFor(world: World, account: string): void {
  removeTrainer(world, account);
  strike(world, account);
}

function strike(world: World, account: string): void {
  const attendance = attendanceOf(world, account);
  const delay = (strikes: number) =>
    Math.min(world.federation.parameters.submissionSeconds * 2 ** strikes, maxDelaySeconds);
  if (world.now > attendance.mayJoinAt + 8 * delay(attendance.strikes)) attendance.strikes = 0;
  attendance.strikes = Math.min(attendance.strikes + 1, 16);
  attendance.mayJoinAt = world.now + delay(attendance.strikes);
  attendance.unserved = 0;
}

/** Whoever joins later has missed nothing, as what it holds says. */
export function hasMissed(world: World, account: string, round: number): boolean {
  return round !== 0 && (slotOf(world, account, round)?.round ?? 0) < round;
}

export function hasSubmitted(world: World, account: string, round: number): boolean {
  const slot = slotOf(world, account, round);
  return round !== 0 && slot?.round === round && slot.digest !== undefined;
}

export function removeTrainer(world: World, account: string): void {
  const { federation } = world;
  for (let round = federation.settledRound + 1; round <= federation.latestRound; round++) {
    if (hasMissed(world, account, round)) expectOneFewer(world, round);
  }
  const slots = slotsOf(world, account);
  for (const [index, slot] of slots.entries()) {
    if (isNeeded(world, slot)) slot!.retired = true;
    else slots[index] = undefined;
  }
  federation.trainerCount--;
}

// aggregators

export function leaveAsAggregator(world: World, account: string): void {
  must(isAggregator(world, account), 'NotAnAggregator');
  removeAggregator(world, account);
}

export function reportIdle(world: World, account: string): void {
  must(isAggregator(world, account), 'NotAnAggregator');
  must(aggregatorOf(world, account).missedTurns >= 3, 'NotIdle');
  world.federation.aggregators.get(account)!.missedTurns = 0;
  removeAggregator(world, account);
}

export function removeAggregator(world: World, account: string): void {
  const { federation } = world;
  const { round } = federation.clock;
  const elects = round !== 0 && aggregatorOf(world, account).joinedAfter < round;
  if (elects) federation.terms.get(round % world.ringSize)!.aggregators--;
  federation.turns.find((place) => place.account === account)!.left = true;
  if (federation.turns[0]!.account === account) passTurn(world);
}

export function missTurn({ federation }: World): void {
  const holder = federation.turns[0]?.account;
  if (holder !== undefined) federation.aggregators.get(holder)!.missedTurns++;
}

/** Who has left goes when its turn would come. */
export function passTurn({ federation: { turns } }: World): void {
  turns.push(turns.shift()!);
  while (turns[0]?.left) turns.shift();
}

/** Whose turn is first comes first. */
export function aggregatorsOf({ federation }: World): string[] {
  return federation.turns.filter(({ left }) => !left).map(({ account }) => account);
}

export function eject(world: World, account: string): void {
  if (isAggregator(world, account)) removeAggregator(world, account);
  if (isTrainer(world, account)) removeTrainer(world, account);
}

// what they share

export function expectOneFewer(world: World, round: number): void {
  const { clock } = world.federation;
  const waiting = round === clock.round ? clock : termsOf(world, round);
  if (waiting === undefined || waiting.expectedTrainers >= maxInputs) return;
  must(waiting.expectedTrainers > 0, 'Panic');
  waiting.expectedTrainers--;
}

/** A submission that a proof may still read. */
export function isNeeded({ federation }: World, slot: Slot | undefined): boolean {
  return slot?.digest !== undefined && slot.round > federation.settledRound;
}
