/** A submission's terms in one word, as `contracts/types/UpdateTerms.sol` packs them: calldata is what a submission pays for. */

export interface UpdateTerms {
  round: number;
  squaredNorm: number;
  weight: number;
}

/** To the word that the contract takes. */
export function packTerms({ round, squaredNorm, weight }: UpdateTerms): bigint {
  return (BigInt(round) << 80n) | (BigInt(squaredNorm) << 16n) | BigInt(weight);
}

/** From the word that the contract has emitted. */
export function unpackTerms(terms: bigint): UpdateTerms {
  return {
    round: Number(terms >> 80n),
    squaredNorm: Number((terms >> 16n) & 0xffff_ffff_ffff_ffffn),
    weight: Number(terms & 0xffffn),
  };
}
