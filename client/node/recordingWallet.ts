/** A wallet that knows which transactions it has signed: others of its account are another program's. */
import { Transaction, type TransactionRequest, Wallet } from 'ethers';

/** Those before are mined and known, or will never be. */
const mostRemembered = 4096;

export class RecordingWallet extends Wallet {
  readonly #hashes = new Set<string>();

  override async signTransaction(request: TransactionRequest): Promise<string> {
    const raw = await super.signTransaction(request);
    this.#hashes.add(Transaction.from(raw).hash!);
    if (this.#hashes.size > mostRemembered) this.#hashes.delete(this.#hashes.values().next().value!);
    return raw;
  }

  hasSigned(hash: string): boolean {
    return this.#hashes.has(hash);
  }
}
