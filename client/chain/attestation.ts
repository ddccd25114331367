/** What aggregators sign of a round's inputs, EIP-712. See contracts/types/Attestation.sol. */
import { type TypedDataDomain, type TypedDataField, verifyTypedData } from 'ethers';
import { type Hash, toHex } from '../core/hash.ts';
import type { Addresses } from './connect.ts';

export interface TypedData {
  domain: TypedDataDomain;
  types: Record<string, TypedDataField[]>;
  value: Record<string, unknown>;
}

export function attestationData(addresses: Addresses, round: number, inputsRoot: Hash): TypedData {
  const { chainId, federation } = addresses;
  return {
    domain: { name: 'Tributary', version: '1', chainId, verifyingContract: federation },
    types: {
      Attestation: [
        { name: 'round', type: 'uint32' },
        { name: 'inputsRoot', type: 'bytes32' },
      ],
    },
    value: { round, inputsRoot: toHex(inputsRoot) },
  };
}

/** Who has signed it; undefined for what is no signature. */
export function attestationSigner(
  addresses: Addresses,
  round: number,
  inputsRoot: Hash,
  signature: string,
): string | undefined {
  const { domain, types, value } = attestationData(addresses, round, inputsRoot);
  try {
    return verifyTypedData(domain, types, value, signature);
  } catch {
    return undefined;
  }
}
