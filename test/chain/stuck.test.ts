/** Transactions that no block takes: reorganisations, pools that forget, fees that were too low. */
import { expect } from 'chai';
import { toBeHex, Wallet } from 'ethers';
import { createSender, urgently } from '../../client/chain/sender.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from './anvil.ts';

const to = new Wallet(`0x${'88'.repeat(32)}`).address;
let calls = 0;
/** No two are the same. */
const nextCall = () => ({ to, data: toBeHex(++calls, 32) });

describe('transactions that are stuck', () => {
  let anvil: Anvil;
  let account = 0;

  before(async () => {
    anvil = await startAnvil();
  });
  after(() => anvil.stop());
  beforeEach(() => {
    account++;
  });
  const send = (method: string, ...params: unknown[]) => anvil.provider.send(method, params);
  const countOf = (address: string) => anvil.provider.getTransactionCount(address);

  /** What a pool would put into the next block, of one account. */
  async function pendingOf({ provider }: Anvil, address: string): Promise<string | undefined> {
    const { pending } = (await provider.send('txpool_content', [])) as { pending: Record<string, object> };
    const found = pending[address.toLowerCase()];
    return found && JSON.stringify(found);
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  for (const depth of [1, 4, 10]) {
    it(`by a reorganisation of depth ${depth} that dropped earlier ones are mined after those, which are sent again`, async () => {
      const wallet = developmentWallet(account);
      const sender = createSender(wallet, anvil.provider);
      const first = await countOf(wallet.address);
      const earlier = [];
      for (let count = 0; count < depth; count++) earlier.push(await sender.send('paying', nextCall()));
      await send('anvil_setAutomine', false);
      const later = sender.send('paying', nextCall());
      await until(async () => (await pendingOf(anvil, wallet.address)) !== undefined);
      await send('anvil_reorg', depth, []);
      await send('anvil_setAutomine', true);
      await send('evm_mine');
      expect((await later).status).to.equal(1);
      expect(await countOf(wallet.address)).to.equal(first + depth + 1);
      for (const { hash } of earlier) expect(await anvil.provider.getTransactionReceipt(hash)).to.not.equal(null);
    });
  }

  it('because a pool has dropped what a process sent that has ended go on, with a transfer of nothing in its place', async () => {
    const wallet = developmentWallet(account);
    const first = await countOf(wallet.address);
    await send('anvil_setAutomine', false);
    const { hash } = await wallet.connect(anvil.provider).sendTransaction(nextCall());
    const waiting = createSender(wallet, anvil.provider).send('paying', nextCall());
    await until(async () => (await pendingOf(anvil, wallet.address))?.includes(`"${first + 1}"`) === true);
    await send('anvil_dropTransaction', hash);
    await send('anvil_setAutomine', true);
    expect((await waiting).status).to.equal(1);
    expect(await countOf(wallet.address)).to.equal(first + 2);
    expect(await anvil.provider.getTransactionReceipt(hash)).to.equal(null);
  });

  it('do not keep what is urgent waiting, and are mined after it', async () => {
    const slow = await startAnvil('--no-mining');
    try {
      const sender = createSender(developmentWallet(0), slow.provider);
      const usual = sender.send('paying', nextCall());
      await until(async () => (await pendingOf(slow, sender.address)) !== undefined);
      const before = await pendingOf(slow, sender.address);
      const urgent = urgently(sender).send('refuting', nextCall());
      // it takes the place of the other, for it pays more
      await until(async () => (await pendingOf(slow, sender.address)) !== before);
      await slow.provider.send('evm_mine', []);
      const first = await urgent;
      expect((await slow.provider.getTransaction(first.hash))!.nonce).to.equal(0);
      await slow.provider.send('evm_setAutomine', [true]);
      await slow.provider.send('evm_mine', []);
      const second = await usual;
      expect((await slow.provider.getTransaction(second.hash))!.nonce).to.equal(1);
    } finally {
      await slow.stop();
    }
  });
});
