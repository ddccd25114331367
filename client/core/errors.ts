/**
 * Every failure a person can meet has a code, one sentence that says what to do, and an exit code of its own.
 * Contract reverts decode to codes of the same names (see `chain/failure.ts`).
 */
import { redactAll, redactUrls } from './redact.ts';

/** Exit code of the process for each error code. 1 is an unforeseen failure, 2 wrong usage of the command line. */
export const exitCodes = {
  USAGE: 2,
  CONFIG_INVALID: 10,
  MODEL_INVALID: 11,
  MODEL_MISMATCH: 12,
  DATA_INVALID: 13,
  DATA_EMPTY: 14,
  DATA_NOT_FINITE: 16,
  TRAINING_DIVERGED: 17,
  PRIVACY_BUDGET_SPENT: 53,
  PRIVACY_LEDGER_BEHIND: 54,
  ENGINE_UNAVAILABLE: 18,
  OPERATOR_UNSUPPORTED: 19,
  CHAIN_UNREACHABLE: 20,
  CHAIN_WRONG_ID: 21,
  CONTRACT_MISSING: 22,
  ACCOUNT_NO_FUNDS: 23,
  TRANSACTION_REVERTED: 24,
  TRANSACTION_TIMEOUT: 25,
  TRANSACTION_TOO_LARGE: 50,
  CHAIN_REFUSED: 51,
  FEE_TOO_HIGH: 52,
  KEY_INVALID: 26,
  NOT_ELIGIBLE: 27,
  DEPLOYMENT_UNSOUND: 28,
  PACKAGE_DAMAGED: 29,
  PACKAGE_MISSING: 39,
  FOLDER_OTHER_VERSION: 43,
  ARCHIVE_FLAWED: 44,
  KEY_IN_USE: 47,
  FOLDER_DAMAGED: 48,
  FILE_UNREADABLE: 49,
  PORT_IN_USE: 30,
  FOLDER_IN_USE: 31,
  FOLDER_NOT_WRITABLE: 32,
  DISK_FULL: 33,
  BLOB_UNAVAILABLE: 34,
  BLOB_MISMATCH: 35,
  BLOB_TOO_LARGE: 36,
  STORE_UNREACHABLE: 37,
  STORE_READ_ONLY: 38,
  ENCODING_NOT_FINITE: 40,
  COMMITMENT_MISMATCH: 41,
  ARGUMENT_INVALID: 42,
  ABORTED: 130,
  INVARIANT: 70,
} as const;

/** What has failed; each code has an exit code of its own. */
export type ErrorCode = keyof typeof exitCodes;

/** What an error carries besides its sentence: the cause, `args` for programs, and whether the same call may succeed later. */
export interface TributaryErrorOptions {
  cause?: unknown;
  /** The values behind the message, for programs. */
  args?: Record<string, unknown>;
  /** True where the same step may succeed later; only the round loops retry. */
  retryable?: boolean;
}

/**
 * Every failure that is foreseen. The message is one sentence that says what to do; `retryable` says that the same call may succeed later.
 * Neither the message nor `args` show the credentials of a URL.
 */
export class TributaryError extends Error {
  override readonly name = 'TributaryError';
  readonly code: ErrorCode;
  readonly args: Record<string, unknown>;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: TributaryErrorOptions = {}) {
    super(redactUrls(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.args = redactAll(options.args ?? {});
    this.retryable = options.retryable ?? false;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** The caller's mistake: throws ARGUMENT_INVALID unless `condition` holds. */
export function validateArgument(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TributaryError('ARGUMENT_INVALID', message);
}

/** Our mistake: throws INVARIANT unless `condition` holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TributaryError('INVARIANT', `${message}. This is a defect in Tributary: please report it.`);
}
