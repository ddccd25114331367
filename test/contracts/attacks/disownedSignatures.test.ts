/** Who has signed two inputs for one round must not be able to say later that it has not. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { HDNodeWallet, id } from 'ethers';
import { type Founded, found } from '../deployment.ts';
import { attest } from '../round.ts';
import { Attempts } from './attempts.ts';

const roots = [id('inputs'), id('other inputs')] as const;
/** Of the accounts of the in-process chain. */
const phrase = 'test test test test test test test test test test test junk';

async function signTwice(founded: Founded, key: HardhatEthersSigner, signer: string) {
  const [first] = await attest(founded.federation, { round: 1, inputsRoot: roots[0] }, [key]);
  const [second] = await attest(founded.federation, { round: 1, inputsRoot: roots[1] }, [key]);
  return [
    { ...first!, signer },
    { ...second!, signer },
  ] as const;
}

async function refute({ challenges, federation, stranger }: Founded, signed: Awaited<ReturnType<typeof signTwice>>) {
  const { edition } = await federation.clock();
  await challenges.inputs.connect(stranger).refuteSignatures(federation, 1, edition, ...roots, ...signed);
}

/** EIP-7702: the account has code from now on, which takes no signature of its key. */
async function delegate({ ethers, accounts }: Founded, account: HardhatEthersSigner): Promise<void> {
  const code = await ethers.deployContract('ContractAccount', accounts[18]!);
  const path = `m/44'/60'/0'/0/${accounts.indexOf(account)}`;
  const wallet = HDNodeWallet.fromPhrase(phrase, undefined, path).connect(ethers.provider);
  const nonce = await wallet.getNonce();
  const authorization = await wallet.authorize({ address: await code.getAddress(), nonce: nonce + 1 });
  const response = await wallet.sendTransaction({
    type: 4,
    to: wallet.address,
    nonce,
    gasLimit: 200_000,
    authorizationList: [authorization],
  });
  await response.wait();
  expect(await ethers.provider.getCode(account.address)).to.match(/^0xef0100/);
}

async function attackByDelegation(founded: Founded, cheat: HardhatEthersSigner) {
  const { federation, stake } = founded;
  const attempts = new Attempts();
  const signed = await signTwice(founded, cheat, cheat.address);
  await attempts.take('delegation', () => delegate(founded, cheat));
  await attempts.take('refutation', () => refute(founded, signed));
  const isAggregator = await federation.isAggregator(cheat.address);
  return { attempts, outcome: { isAggregator, bondedWei: await stake.bondedWei(federation, cheat.address) } };
}

describe('Attack: a signature that is disowned', () => {
  it('by a delegation of the key’s account (EIP-7702) counts all the same', async () => {
    const asItMustBe = { isAggregator: false, bondedWei: 0n };
    const founded = await found();
    const { attempts, outcome } = await attackByDelegation(founded, founded.aggregators[0]!);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  });
});
