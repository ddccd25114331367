/**
 * Acts for an account that is a contract (contracts/accounts/NodeAccount.sol): its operator's key, or its owner's, signs and sends, and
 * the contract calls in its own name. So the key can be replaced, and the account stays.
 */
import { hashMessage, isError, type TransactionReceipt, TypedDataEncoder, ZeroAddress } from 'ethers';
import { contractInterface, readContract } from '../contracts/contracts.ts';
import { TributaryError } from '../core/errors.ts';
import { normalizeAddress } from './address.ts';
import type { TypedData } from './attestation.ts';
import type { Addresses } from './connect.ts';
import { explainChainFailure, refusal, revertName } from './failure.ts';
import { transact } from './federation.ts';
import type { ChainProvider } from './provider.ts';
import type { Sender } from './sender.ts';

/** Who holds an account, and who works for it. */
export interface AccountKeys {
  account: string;
  owner: string;
  /** To whom the owner has offered the account; undefined where to nobody. */
  pendingOwner: string | undefined;
  /** Undefined where the owner has revoked it. */
  operator: string | undefined;
  federation: string;
}

/** Errors: NOT_ELIGIBLE where it is no such account; CHAIN_UNREACHABLE. */
export async function readAccountKeys(provider: ChainProvider, address: string): Promise<AccountKeys> {
  const reader = readContract('NodeAccount', address, provider);
  try {
    if ((await provider.getCode(address)) === '0x') throw noAccount(address);
    const [owner, pendingOwner, operator, federation] = await Promise.all([
      reader.owner(),
      reader.pendingOwner(),
      reader.operator(),
      reader.federation(),
    ]);
    const somebody = (one: string) => (one === ZeroAddress ? undefined : one);
    return {
      account: normalizeAddress(address),
      owner,
      pendingOwner: somebody(pendingOwner),
      operator: somebody(operator),
      federation,
    };
  } catch (cause) {
    if (isError(cause, 'BAD_DATA')) throw noAccount(address);
    const failure = explainChainFailure(cause, 'reading the account');
    throw failure.code === 'TRANSACTION_REVERTED' ? noAccount(address) : failure;
  }
}

/** A sender for the account; its owner may do what its operator may not. */
export interface AccountSender extends Sender {
  readonly keys: AccountKeys;
  /** Sends the owner so much of the chain's currency that lies in the account. Errors: those of `Sender.send`; only the owner may. */
  payOwner(valueWei: bigint): Promise<TransactionReceipt>;
}

/**
 * `key` sends for its own address.
 * Errors: KEY_INVALID where it is neither the account's operator nor its owner; NOT_ELIGIBLE for an account of another federation.
 */
export async function openAccount(
  key: Sender,
  provider: ChainProvider,
  { chainId, federation }: Addresses,
  address: string,
): Promise<AccountSender> {
  const keys = await readAccountKeys(provider, address);
  const { account, owner, operator } = keys;
  if (normalizeAddress(keys.federation) !== normalizeAddress(federation)) {
    const message = `The account ${account} is one of the federation ${keys.federation}: create another for ${federation}.`;
    throw new TributaryError('NOT_ELIGIBLE', message, { args: { account } });
  }
  const asOwner = key.address === owner;
  if (!asOwner && key.address !== operator) throw wrongKey(keys, key.address);

  const confirm = (hash: string) => key.signTypedData(confirmationData(chainId, account, hash));

  return {
    keys,
    address: account,
    isContract: true,
    sign: (message) => confirm(hashMessage(message)),
    signTypedData: ({ domain, types, value }) => confirm(TypedDataEncoder.hash(domain, types, value)),
    payOwner: (valueWei) => {
      const args = [owner, valueWei, '0x'];
      return transact(key, 'paying out currency', account, 'NodeAccount', 'executeAsOwner', args);
    },
    async send(step, { to, data = '0x', value = 0n, gasLimit }, signal, options) {
      const [method, args] = asOwner
        ? (['executeAsOwner', [to, value, data]] as const)
        : (['execute', [to, data]] as const);
      const wrapped = {
        to: account,
        data: contractInterface('NodeAccount').encodeFunctionData(method, args),
        value,
        ...(gasLimit != null && { gasLimit }),
      };
      try {
        return await key.send(step, wrapped, signal, options);
      } catch (error) {
        if (revertName(error) !== 'NotTheOperator') throw explainRefusal(error, keys);
        throw wrongKey(await readAccountKeys(provider, account), key.address);
      }
    },
  };
}

/** What an operator signs for its account: see INodeAccount.sol. */
function confirmationData(chainId: number, account: string, hash: string): TypedData {
  return {
    domain: { name: 'Tributary account', version: '1', chainId, verifyingContract: account },
    types: { Confirmation: [{ name: 'hash', type: 'bytes32' }] },
    value: { hash },
  };
}

/** The call of the contract behind the data of a transaction: that of the account in whose name it was made, or itself. */
export function innerCall(data: string): string {
  const call = contractInterface('NodeAccount').parseTransaction({ data });
  if (call?.name !== 'execute' && call?.name !== 'executeAsOwner') return data;
  return call.args.data as string;
}

function explainRefusal(error: unknown, { account, owner }: AccountKeys): unknown {
  const ownerOnly = () => `Only the owner of the account ${account} may do this: give the key of ${owner}.`;
  return refusal(error, {
    CallNotAllowed: ownerOnly,
    NotStakedHere: ownerOnly,
    AnotherSpender: ownerOnly,
    PayeeNotTheOwner: () => `What the account ${account} earns goes to its owner ${owner}: leave --payee out.`,
  });
}

function wrongKey({ account, operator = 'nobody', owner }: AccountKeys, given: string): TributaryError {
  const message = `${given} does not act for the account ${account}: its operator is ${operator}, its owner ${owner}. Start with the key of its operator.`;
  return new TributaryError('KEY_INVALID', message, { args: { account, operator, given } });
}

function noAccount(address: string): TributaryError {
  const message = `There is no node account at ${address}: create one with \`tributary account create\`.`;
  return new TributaryError('NOT_ELIGIBLE', message, { args: { account: address } });
}
