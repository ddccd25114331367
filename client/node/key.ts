/** The key of a process: from the environment or an encrypted keystore, never from a flag. */
import { readFileSync } from 'node:fs';
import { HDNodeWallet, Mnemonic, Wallet } from 'ethers';
import { developmentChainId } from '../chain/windows.ts';
import { TributaryError } from '../core/errors.ts';

/** The mnemonic that every development chain funds. It is public: refused on any chain but the local one. */
const developmentMnemonic = 'test test test test test test test test test test test junk';

export { developmentChainId };

/** Where a key comes from; where none is named, TRIBUTARY_PRIVATE_KEY has it. */
export interface KeyOptions {
  /** Index of a development account. */
  devAccount?: number | undefined;
  /** Path of an encrypted JSON keystore; its password is in TRIBUTARY_PASSWORD. */
  keystore?: string | undefined;
  /** The key itself, for programs that have it from elsewhere: no option of the command line. */
  privateKey?: string | undefined;
}

/** Whether a key is named in any of the ways that `loadKey` takes. */
export function namesKey({ devAccount, keystore, privateKey }: KeyOptions): boolean {
  return (devAccount ?? keystore ?? privateKey ?? process.env.TRIBUTARY_PRIVATE_KEY) !== undefined;
}

/** Errors: KEY_INVALID. */
export async function loadKey(options: KeyOptions, chainId: number): Promise<Wallet> {
  const { devAccount, keystore } = options;
  const { TRIBUTARY_PRIVATE_KEY, TRIBUTARY_PASSWORD: password } = process.env;
  const privateKey = options.privateKey ?? TRIBUTARY_PRIVATE_KEY;
  if (devAccount !== undefined) {
    if (chainId !== developmentChainId) {
      throw new TributaryError(
        'KEY_INVALID',
        `--dev-account uses a key that everybody knows: on chain ${chainId} set TRIBUTARY_PRIVATE_KEY or give --keystore.`,
      );
    }
    return developmentWallet(devAccount);
  }
  if (keystore !== undefined) {
    if (password === undefined)
      throw new TributaryError('KEY_INVALID', 'The keystore is encrypted: set TRIBUTARY_PASSWORD to its password.');
    try {
      const wallet = await Wallet.fromEncryptedJson(readFileSync(keystore, 'utf8'), password);
      return new Wallet(wallet.privateKey);
    } catch (cause) {
      throw new TributaryError(
        'KEY_INVALID',
        `The keystore ${keystore} cannot be opened: check the path, and the password in TRIBUTARY_PASSWORD.`,
        { cause },
      );
    }
  }
  if (privateKey === undefined) {
    throw new TributaryError(
      'KEY_INVALID',
      'No key: set TRIBUTARY_PRIVATE_KEY, or give --keystore (or --dev-account on a local chain).',
    );
  }
  try {
    return new Wallet(privateKey);
  } catch (cause) {
    throw new TributaryError(
      'KEY_INVALID',
      'TRIBUTARY_PRIVATE_KEY is not a private key: it must be 0x and 64 hex digits.',
      { cause },
    );
  }
}

export function developmentWallet(index: number): Wallet {
  const path = `m/44'/60'/0'/0/${index}`;
  return new Wallet(HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(developmentMnemonic), path).privateKey);
}
