/** A change that a vote would make, in words. */
export interface Change {
  /** What is changed, and what that is. */
  subject: string;
  words: string;
  /** Undefined where there is nothing to compare with. */
  now?: string | undefined;
  next: string;
}
