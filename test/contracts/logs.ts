/** What a transaction said. */
import type { ContractTransactionResponse, Interface, LogDescription, TransactionResponse } from 'ethers';

/** The contract's events, in their order. */
export async function eventsOf(
  { interface: abi }: { interface: Pick<Interface, 'parseLog'> },
  response: ContractTransactionResponse | TransactionResponse,
): Promise<LogDescription[]> {
  const { logs } = (await response.wait())!;
  return logs.map((log) => abi.parseLog(log)).filter((event) => event !== null);
}
