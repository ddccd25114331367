/** What electors sign of a round's inputs, EIP-712. See contracts/types/Attestation.sol. */
import { type TypedDataDomain, TypedDataEncoder, type TypedDataField, verifyTypedData } from 'ethers';
import { type Hash, toHex } from '../core/hash.ts';
import type { Addresses } from './connect.ts';

/** What is signed. An elector signs one root for each edition of a round. */
export interface AttestedRoot {
  round: number;
  edition: number;
  inputsRoot: Hash;
}

/** A struct to sign, as EIP-712 has it. */
export interface TypedData {
  domain: TypedDataDomain;
  types: Record<string, TypedDataField[]>;
  value: Record<string, unknown>;
}

/** What an elector signs: the root of the inputs, for one edition of one round of one federation. */
export function attestationData(addresses: Addresses, { round, edition, inputsRoot }: AttestedRoot): TypedData {
  const { chainId, federation } = addresses;
  return {
    domain: { name: 'Tributary', version: '1', chainId, verifyingContract: federation },
    types: {
      Attestation: [
        { name: 'round', type: 'uint32' },
        { name: 'edition', type: 'uint32' },
        { name: 'inputsRoot', type: 'bytes32' },
      ],
    },
    value: { round, edition, inputsRoot: toHex(inputsRoot) },
  };
}

/** Who has signed it; undefined for what is no signature. */
export function attestationSigner(addresses: Addresses, root: AttestedRoot, signature: string): string | undefined {
  const { domain, types, value } = attestationData(addresses, root);
  try {
    return verifyTypedData(domain, types, value, signature);
  } catch {
    return undefined;
  }
}

/** What is signed of it, `0x…`: a contract is asked about this. */
export function attestationDigest(addresses: Addresses, root: AttestedRoot): string {
  const { domain, types, value } = attestationData(addresses, root);
  return TypedDataEncoder.hash(domain, types, value);
}
