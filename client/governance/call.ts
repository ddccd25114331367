/** A call as a proposal holds it. */
export interface Call {
  target: string;
  /** In the chain's own currency. */
  valueWei: bigint;
  data: string;
}
