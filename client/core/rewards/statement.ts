/** A reward statement as it stands in calldata, and what it says. See contracts/libraries/Statements.sol. */
import { addressBytes } from '../commitment.ts';
import { validateArgument } from '../errors.ts';
import { concatBytes, equalBytes, type Hash, toHex } from '../hash.ts';
import { compareAddresses } from '../inputs.ts';
import { saturateInt16 } from '../numbers.ts';
import { uintBytes } from './balances.ts';

const entryBytes = 16;
const evaluatorBytes = 68;

/** `RewardStatement` of the contracts. */
export interface RewardStatement {
  round: number;
  /** The lower median of the scores, int16. */
  middle: number;
  /** Of the balances that it was computed from. */
  previousBalancesRoot: Hash;
  /** How many accounts have a balance. */
  accounts: number;
  /** What the round pays, if there is whom to pay. */
  paidGwei: bigint;
  /** 68 bytes each: evaluator ‖ scores root ‖ stake in whole tokens (u64) ‖ distance (u64). */
  evaluators: Uint8Array;
  /** 16 bytes each: place (u32) ‖ index among the inputs (u16) ‖ score (i16) ‖ stake in whole tokens (u64). */
  entries: Uint8Array;
  /** Of the balances after the round. */
  pageRoots: readonly Hash[];
}

/** A trainer that is scored. */
export interface StatedEntry {
  place: number;
  /** Its place among all inputs of the round. */
  inputIndex: number;
  /** The stake-weighted median of the evaluators' scores. */
  score: number;
  stakeTokens: bigint;
}

/** An evaluator as a statement lists it. */
export interface StatedEvaluator {
  /** Address, `0x…`, lower case. */
  evaluator: string;
  scoresRoot: Hash;
  stakeTokens: bigint;
  /** Σ |its score − the median| over all entries. */
  distance: bigint;
}

/** A statement of rewards, read. */
export interface DecodedStatement {
  round: number;
  middle: number;
  previousBalancesRoot: Hash;
  accounts: number;
  paidGwei: bigint;
  /** Ascending by address. */
  evaluators: readonly StatedEvaluator[];
  /** Ascending by place. */
  entries: readonly StatedEntry[];
  pageRoots: readonly Hash[];
}

/** Errors: ARGUMENT_INVALID for a number that does not fit, or what does not ascend. */
export function encodeStatement(statement: DecodedStatement): RewardStatement {
  requireOrder(statement);
  return {
    round: statement.round,
    middle: statement.middle,
    previousBalancesRoot: statement.previousBalancesRoot,
    accounts: statement.accounts,
    paidGwei: statement.paidGwei,
    evaluators: concatBytes(...statement.evaluators.map(encodeEvaluator)),
    entries: concatBytes(...statement.entries.map(encodeEntry)),
    pageRoots: statement.pageRoots,
  };
}

/** Errors: ARGUMENT_INVALID for bytes that the contract does not take either: cut off, or not ascending. */
export function decodeStatement({ evaluators, entries, ...rest }: RewardStatement): DecodedStatement {
  const statement = {
    ...rest,
    evaluators: readRecords(evaluators, evaluatorBytes, 'evaluators').map(decodeEvaluator),
    entries: readRecords(entries, entryBytes, 'entries').map(decodeEntry),
  };
  requireOrder(statement);
  return statement;
}

/** To the last byte. */
export function isSameStatement(a: RewardStatement, b: RewardStatement): boolean {
  return (
    a.round === b.round &&
    a.middle === b.middle &&
    equalBytes(a.previousBalancesRoot, b.previousBalancesRoot) &&
    a.accounts === b.accounts &&
    a.paidGwei === b.paidGwei &&
    equalBytes(a.evaluators, b.evaluators) &&
    equalBytes(a.entries, b.entries) &&
    equalBytes(concatBytes(...a.pageRoots), concatBytes(...b.pageRoots))
  );
}

function encodeEntry({ place, inputIndex, score, stakeTokens }: StatedEntry): Uint8Array {
  validateArgument(score === saturateInt16(score), `The score of place ${place} is ${score}: it must be an int16.`);
  const scoreBytes = uintBytes(BigInt.asUintN(16, BigInt(score)), 2);
  return concatBytes(
    uintBytes(BigInt(place), 4),
    uintBytes(BigInt(inputIndex), 2),
    scoreBytes,
    uintBytes(stakeTokens, 8),
  );
}

function encodeEvaluator({ evaluator, scoresRoot, stakeTokens, distance }: StatedEvaluator): Uint8Array {
  return concatBytes(addressBytes(evaluator), scoresRoot, uintBytes(stakeTokens, 8), uintBytes(distance, 8));
}

function decodeEntry(record: DataView): StatedEntry {
  return {
    place: record.getUint32(0),
    inputIndex: record.getUint16(4),
    score: record.getInt16(6),
    stakeTokens: record.getBigUint64(8),
  };
}

function decodeEvaluator(record: DataView): StatedEvaluator {
  const bytes = new Uint8Array(record.buffer, record.byteOffset, evaluatorBytes);
  return {
    evaluator: toHex(bytes.subarray(0, 20)),
    scoresRoot: bytes.slice(20, 52),
    stakeTokens: record.getBigUint64(52),
    distance: record.getBigUint64(60),
  };
}

function readRecords(bytes: Uint8Array, recordBytes: number, name: string): DataView[] {
  validateArgument(
    bytes.length % recordBytes === 0,
    `The ${name} of a statement have ${recordBytes} bytes each, not ${bytes.length} in all.`,
  );
  return Array.from({ length: bytes.length / recordBytes }, (_, index) => {
    return new DataView(bytes.buffer, bytes.byteOffset + index * recordBytes, recordBytes);
  });
}

function requireOrder({ entries, evaluators }: DecodedStatement): void {
  entries.forEach(({ place }, index) => {
    const before = entries[index - 1];
    validateArgument(before === undefined || before.place < place, `The entry of place ${place} is not in its order.`);
  });
  evaluators.forEach(({ evaluator }, index) => {
    const before = evaluators[index - 1];
    const ascending = before === undefined || compareAddresses(before.evaluator, evaluator) < 0;
    validateArgument(ascending, `Evaluator ${evaluator} is not in its order.`);
  });
}
