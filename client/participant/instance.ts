/** What tells a process from any other of the same key. */
export interface Instance {
  /** Random: 32 hexadecimal digits. */
  readonly id: string;
  /** What it announces; empty for who serves nobody. */
  readonly endpoint: string;
  /** What the account had announced before it started, and nobody answers at. */
  readonly earlierEndpoint: string;
  /** The block in which its announcement was mined, or the newest when it started. */
  readonly sinceBlock: number;
  /** Submissions of the account before it started, by the hashes of their transactions. */
  readonly earlierSubmissions: ReadonlySet<string>;
  /** The address of its key: the account's, or of one that works for it where the account is a contract. */
  readonly key: string;
  /** Transactions of the key with a lower nonce had been sent before it started. */
  readonly firstNonce: number;
  /** Whether it has signed the transaction with this hash. */
  hasSigned(hash: string): boolean;
  /** Says anew, where it is time, which process this is; see `createInstanceDocument`. */
  renew(): Promise<void>;
  /** Holds the data folder. Errors: FOLDER_IN_USE. */
  hold(): void;
}
