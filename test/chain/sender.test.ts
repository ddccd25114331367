import { expect } from 'chai';
import { Wallet } from 'ethers';
import { checkDeployment, connectChain } from '../../client/chain/connect.ts';
import { transact } from '../../client/chain/federation.ts';
import { ChainProvider } from '../../client/chain/provider.ts';
import { createSender, urgently } from '../../client/chain/sender.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, freePort, startAnvil } from './anvil.ts';
import { deploySmallFederation, submit } from './federation.ts';

async function errorOf(promise: Promise<unknown>): Promise<TributaryError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(TributaryError);
  return error as TributaryError;
}

describe('sending', () => {
  let anvil: Anvil;

  before(async () => {
    anvil = await startAnvil();
  });
  after(() => anvil.stop());

  it('refuses an account without funds, and says what to do', async () => {
    const sender = createSender(new Wallet(`0x${'11'.repeat(32)}`), anvil.provider);
    const { federation } = await deploySmallFederation(anvil.provider, 0);
    const { code, message } = await errorOf(
      transact(sender, 'announcing', federation.addresses.federation, 'Federation', 'announceEndpoint', ['http://x']),
    );
    expect(code).to.equal('ACCOUNT_NO_FUNDS');
    expect(message).to.match(/send it some/);
  });

  it("decodes a revert to the contract's error with its values", async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 1);
    const error = await errorOf(submit(federation, 1, 7));
    expect(error.code).to.equal('TRANSACTION_REVERTED');
    expect(error.args.revert).to.equal('WrongRound');
    expect(error.args.round).to.equal(7n);
    expect(error.args.openRound).to.equal(1n);
  });

  it('gives transactions sent at once consecutive nonces', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 0);
    const sender = createSender(developmentWallet(5), anvil.provider);
    const first = await anvil.provider.getTransactionCount(sender.address);
    const sent = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        transact(sender, 'announcing', federation.addresses.federation, 'Federation', 'announceEndpoint', [
          `http://${index}`,
        ]),
      ),
    );
    const nonces = await Promise.all(sent.map(async ({ hash }) => (await anvil.provider.getTransaction(hash))!.nonce));
    expect(nonces).to.deep.equal(Array.from({ length: 10 }, (_, index) => first + index));
  });

  it('sends what is urgent before all that wait, in its order, and pays more for it', async () => {
    const sender = createSender(developmentWallet(7), anvil.provider);
    const first = await anvil.provider.getTransactionCount(sender.address);
    const request = { to: developmentWallet(4).address, value: 1n };
    const sent = [
      ...[1, 2, 3].map(() => sender.send('paying', request)),
      ...[4, 5].map(() => urgently(sender).send('paying at once', request)),
    ];
    const receipts = await Promise.all(sent);
    const mined = await Promise.all(receipts.map(async ({ hash }) => (await anvil.provider.getTransaction(hash))!));
    expect(mined.map(({ nonce }) => nonce - first)).to.deep.equal([0, 3, 4, 1, 2]);
    const tips = mined.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas!);
    for (const tip of tips.slice(3)) expect(4n * tip > 5n * tips[0]!, `${tip} after ${tips[0]}`).to.equal(true);
  });

  it('goes on after a transaction that failed', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 1);
    await errorOf(submit(federation, 1, 9));
    const receipt = await submit(federation, 1, 1);
    expect(receipt.status).to.equal(1);
  });

  it('signs anew where another program with the same key has taken its nonce', async () => {
    const wallet = developmentWallet(6);
    const nonce = await anvil.provider.getTransactionCount(wallet.address);
    const [to, other] = [10, 11].map((index) => new Wallet(`0x${String(index).repeat(32)}`).address) as [
      string,
      string,
    ];
    class RacedProvider extends ChainProvider {
      raced = false;

      override async send(method: string, params: unknown[]): Promise<unknown> {
        if (method === 'eth_sendRawTransaction' && !this.raced) {
          this.raced = true;
          await (await wallet.connect(anvil.provider).sendTransaction({ to: other, value: 1n, nonce })).wait();
        }
        return super.send(method, params);
      }
    }
    const provider = new RacedProvider(anvil.url, 31_337);
    const receipt = await createSender(wallet, provider).send('paying', { to, value: 7n });
    expect((await receipt.getTransaction()).nonce).to.equal(nonce + 1);
    expect(await anvil.provider.getBalance(to)).to.equal(7n);
    expect(await anvil.provider.getBalance(other)).to.equal(1n);
    provider.destroy();
  });

  it('waits for a transaction that is not mined at once', async () => {
    const slow = await startAnvil('--block-time', '1');
    try {
      const sender = createSender(developmentWallet(3), slow.provider);
      const receipt = await sender.send('paying', { to: developmentWallet(4).address, value: 1n });
      expect(receipt.status).to.equal(1);
    } finally {
      await slow.stop();
    }
  });
});

describe('connecting', () => {
  it('says that no chain answers', async () => {
    const { code, retryable } = await errorOf(connectChain(`http://127.0.0.1:${await freePort()}`));
    expect(code).to.equal('CHAIN_UNREACHABLE');
    expect(retryable).to.equal(true);
  });

  it('tells a wrong chain and a missing contract apart', async () => {
    const anvil = await startAnvil();
    try {
      const { federation } = await deploySmallFederation(anvil.provider, 0);
      const { addresses } = federation;
      await checkDeployment(anvil.provider, addresses);
      const wrongChain = await errorOf(checkDeployment(anvil.provider, { ...addresses, chainId: 1 }));
      expect(wrongChain.code).to.equal('CHAIN_WRONG_ID');
      expect(wrongChain.message).to.contain('31337');
      const stake = developmentWallet(9).address;
      const missing = await errorOf(checkDeployment(anvil.provider, { ...addresses, stake }));
      expect(missing.code).to.equal('CONTRACT_MISSING');
      expect(missing.args).to.deep.equal({ name: 'stake', address: stake });
    } finally {
      await anvil.stop();
    }
  });
});
