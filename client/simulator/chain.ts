/** Hardhat's chain inside this process, and short ways to act on it: whatever is sent is mined at once or fails with what the contract said. */
import { keccak256, type Log, type Result, toBeHex, toUtf8Bytes } from 'ethers';
import { contractInterface, type MethodName } from '../contracts/contracts.ts';
import { type Libraries, linkedCode } from '../contracts/link.ts';
import type { ContractName } from '../contracts/names.ts';
import { TributaryError } from '../core/errors.ts';
import { importOptional } from '../core/optional.ts';

export interface Contract<N extends ContractName = ContractName> {
  name: N;
  /** `0x…`, lower case. */
  address: string;
}

export interface Chain {
  readonly chainId: bigint;
  /** An account of that name with funds for gas. */
  account(name: string): Promise<string>;
  /** Makes of the account a contract that calls every signature its own: nobody has its key. */
  signAnything(account: string): Promise<void>;
  /** Deploys from the account. */
  deploy<N extends ContractName>(
    from: string,
    name: N,
    args: readonly unknown[],
    libraries?: Libraries,
  ): Promise<Contract<N>>;
  /** Transactions that the account has sent. */
  nonceOf(account: string): Promise<number>;
  /** Errors: TRANSACTION_REVERTED with the contract's error. */
  send<N extends ContractName>(
    from: string,
    to: Contract<N>,
    method: MethodName<N>,
    args: readonly unknown[],
  ): Promise<Log[]>;
  /** The same from calldata. */
  sendData(from: string, to: Contract, data: string): Promise<Log[]>;
  read<N extends ContractName>(from: Contract<N>, method: MethodName<N>, args?: readonly unknown[]): Promise<Result>;
  /** Of the newest block, in seconds. */
  now(): Promise<number>;
  /** The next block comes so many seconds later. */
  passSeconds(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Answers any call with ERC-1271's `isValidSignature.selector`. */
const answersIsValidSignature = '0x631626ba7e60e01b5f5260205ff3';
/** Enough for any transaction of the simulator, below the cap on one. */
const gas = toBeHex(16_000_000);

export async function createChain(): Promise<Chain> {
  const { createHardhatRuntimeEnvironment } = await importOptional(
    'simulations',
    ['hardhat'],
    () => import('hardhat/hre'),
  );
  const environment = await createHardhatRuntimeEnvironment({
    networks: { simulation: { type: 'edr-simulated', chainType: 'l1', allowBlocksWithSameTimestamp: true } },
  });
  const connection = await environment.network.create('simulation');
  const { provider } = connection;
  const request = <T>(method: string, params: readonly unknown[] = []): Promise<T> =>
    provider.request({ method, params: [...params] }) as Promise<T>;

  async function transact(call: { from: string; to?: string; data: string }, name: ContractName) {
    const hash = await request<string>('eth_sendTransaction', [{ ...call, gas }]).catch((cause: unknown) => {
      throw reverted(name, cause);
    });
    return await request<{ contractAddress: string; logs: Log[] }>('eth_getTransactionReceipt', [hash]);
  }

  async function sendData(from: string, to: Contract, data: string): Promise<Log[]> {
    return (await transact({ from, to: to.address, data }, to.name)).logs;
  }

  return {
    chainId: BigInt(await request<string>('eth_chainId')),
    async account(name) {
      const address = `0x${keccak256(toUtf8Bytes(name)).slice(-40)}`;
      await request('hardhat_impersonateAccount', [address]);
      await request('hardhat_setBalance', [address, toBeHex(10n ** 24n)]);
      return address;
    },
    signAnything: (account) => request('hardhat_setCode', [account, answersIsValidSignature]),
    async deploy(from, name, args, libraries = {}) {
      const data = linkedCode(name, libraries) + contractInterface(name).encodeDeploy(args).slice(2);
      const receipt = await transact({ from, data }, name);
      return { name, address: receipt.contractAddress.toLowerCase() };
    },
    nonceOf: async (account) => Number(await request<string>('eth_getTransactionCount', [account])),
    send: (from, to, method, args) =>
      sendData(from, to, contractInterface(to.name).encodeFunctionData(method, [...args])),
    sendData,
    async read(from, method, args = []) {
      const abi = contractInterface(from.name);
      const data = abi.encodeFunctionData(method, [...args]);
      const answer = await request<string>('eth_call', [{ to: from.address, data }, 'latest']);
      return abi.decodeFunctionResult(method, answer);
    },
    async now() {
      return Number((await request<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false])).timestamp);
    },
    async passSeconds(seconds) {
      await request('evm_increaseTime', [seconds]);
      await request('evm_mine');
    },
    close: () => connection.close(),
  };
}

function reverted(name: ContractName, cause: unknown): TributaryError {
  const data = (cause as { data?: string | { data?: string } }).data;
  const bytes = typeof data === 'string' ? data : data?.data;
  const error = bytes === undefined || bytes === '0x' ? null : contractInterface(name).parseError(bytes);
  const reason =
    error === null
      ? cause instanceof Error
        ? cause.message
        : String(cause)
      : `${error.name}(${error.args.join(', ')})`;
  return new TributaryError('TRANSACTION_REVERTED', `${name} refused a transaction of the simulation: ${reason}`, {
    cause,
  });
}
