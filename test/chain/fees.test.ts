/** What transactions pay, on chains and behind nodes that have other habits than the one on this machine. */
import { expect } from 'chai';
import { parseEther, parseUnits, type TransactionReceipt, Wallet } from 'ethers';
import { ChainProvider } from '../../client/chain/provider.ts';
import { createSender, type Sender, urgently } from '../../client/chain/sender.ts';
import { createSpending, type Payment, type SpendingLimits } from '../../client/chain/spending.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { type Call, type Fault, type RpcProxy, startProxy } from './proxy.ts';

const gwei = (amount: number) => parseUnits(String(amount), 'gwei');
const refusal = (message: string, code = -32_000): Fault => ({ kind: 'error', code, message });
const to = new Wallet(`0x${'77'.repeat(32)}`).address;

describe('fees', () => {
  let anvil: Anvil;
  let proxy: RpcProxy;
  let provider: ChainProvider;
  let account = 0;

  before(async () => {
    anvil = await startAnvil('--accounts', '20');
  });
  after(() => anvil.stop());
  beforeEach(async () => {
    proxy = await startProxy(anvil.url);
    provider = new ChainProvider(proxy.url, 31_337);
    account++;
  });
  afterEach(async () => {
    provider.destroy();
    await proxy.stop();
  });

  const newSender = (limits?: SpendingLimits, said: string[] = [], kept: Payment[] = []): Sender => {
    const book = {
      read: async () => kept,
      write: async (payments: readonly Payment[]) => void kept.splice(0, kept.length, ...payments),
    };
    const spending = limits && createSpending(limits, book, (step, reason) => said.push(`${step}: ${reason}`));
    return createSender(developmentWallet(account), provider, spending);
  };
  const tipOf = async ({ hash }: TransactionReceipt) => {
    const { type, maxPriorityFeePerGas, gasPrice } = (await anvil.provider.getTransaction(hash))!;
    return type === 0 ? gasPrice : maxPriorityFeePerGas!;
  };
  const pay = (sender: Sender, value = 1n) => sender.send('paying', { to, value });
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error as TributaryError,
    );

  /** A pool that takes nothing below a tip. */
  function wantTip(least: bigint, say: (tip: bigint) => string) {
    proxy.spoil = async ({ method, params }: Call) => {
      if (method !== 'eth_sendRawTransaction') return undefined;
      const { Transaction } = await import('ethers');
      const { type, maxPriorityFeePerGas, gasPrice } = Transaction.from(params[0] as string);
      const tip = (type === 0 ? gasPrice : maxPriorityFeePerGas)!;
      return tip < least ? refusal(say(tip)) : undefined;
    };
  }

  it('are raised to what the pool names, and to what it takes where it names nothing', async () => {
    wantTip(gwei(25), (tip) => `transaction underpriced: gas tip cap ${tip}, minimum needed ${gwei(25)}`);
    expect(await tipOf(await pay(newSender()))).to.equal(gwei(25));
    for (const words of ['transaction underpriced', 'FeeTooLow', 'Gas price below configured minimum gas price']) {
      wantTip(gwei(30), () => words);
      expect((await tipOf(await pay(newSender()))) >= gwei(30), words).to.equal(true);
    }
  });

  it('follow the tips of blocks that are not empty', async () => {
    const wallet = developmentWallet(9).connect(anvil.provider);
    for (let count = 0; count < 12; count++) {
      await (
        await wallet.sendTransaction({ to, value: 1n, maxPriorityFeePerGas: gwei(3), maxFeePerGas: gwei(9) })
      ).wait();
    }
    expect(await tipOf(await pay(newSender()))).to.equal(gwei(3));
  });

  for (const [chain, methods] of Object.entries({
    'that has no history of fees': ['eth_feeHistory'],
    'that suggests no tip': ['eth_maxPriorityFeePerGas'],
    'that offers neither': ['eth_feeHistory', 'eth_maxPriorityFeePerGas'],
  })) {
    it(`are found on a node ${chain}`, async () => {
      proxy.spoil = ({ method }) => (methods.includes(method) ? refusal('Method not found', -32_601) : undefined);
      expect((await pay(newSender())).status).to.equal(1);
    });
  }

  it('are one price on a chain without EIP-1559', async () => {
    proxy.spoil = async ({ method, params }) => {
      if (method === 'eth_feeHistory' || method === 'eth_maxPriorityFeePerGas')
        return refusal('Method not found', -32_601);
      if (method !== 'eth_getBlockByNumber') return undefined;
      const { baseFeePerGas: _, ...block } = (await proxy.ask(method, params)) as Record<string, unknown>;
      return { kind: 'result', result: block };
    };
    const { hash } = await pay(newSender());
    expect((await anvil.provider.getTransaction(hash))!.type).to.equal(0);
  });

  it('are nothing for who has nothing, on a chain that asks for nothing', async () => {
    const free = await startAnvil('--base-fee', '0', '--gas-price', '0');
    try {
      const poor = Wallet.createRandom() as unknown as Wallet;
      const receipt = await createSender(new Wallet(poor.privateKey), free.provider).send('calling', {
        to,
        data: '0x01',
      });
      expect(receipt.fee).to.equal(0n);
    } finally {
      await free.stop();
    }
  });

  it('wait where a unit costs more than is allowed, and say so; what is urgent is paid all the same, which is said', async () => {
    const said: string[] = [];
    const sender = newSender({ maxFeePerGasWei: 1n }, said);
    const error = await errorOf(pay(sender));
    expect(error).to.include({ code: 'FEE_TOO_HIGH', retryable: true });
    expect(error!.message).to.match(/paying waits: a unit of gas costs [\d.]+ gwei now, and --max-fee-gwei allows/);
    expect(said).to.deep.equal([]);
    expect((await pay(urgently(sender))).status).to.equal(1);
    expect(said).to.have.length(1);
  });

  it('are never above what is allowed, also when the pool wants more', async () => {
    const most = gwei(20);
    wantTip(gwei(25), () => 'transaction underpriced');
    const error = await errorOf(pay(newSender({ maxFeePerGasWei: most })));
    expect(error).to.include({ code: 'FEE_TOO_HIGH', retryable: true });
    wantTip(gwei(10), () => 'transaction underpriced');
    const { hash } = await pay(newSender({ maxFeePerGasWei: most }));
    expect((await anvil.provider.getTransaction(hash))!.maxFeePerGas! <= most).to.equal(true);
  });

  it('wait for the next day where the budget is spent, also after a restart', async () => {
    const kept: Payment[] = [];
    const said: string[] = [];
    const spent = (await pay(newSender({ maxDayWei: parseEther('1') }, said, kept))).fee;
    expect(kept.map(({ wei }) => BigInt(wei))).to.deep.equal([spent]);
    const sender = newSender({ maxDayWei: spent + 1n }, said, kept);
    expect(await errorOf(pay(sender))).to.include({ code: 'FEE_TOO_HIGH', retryable: true });
    expect((await pay(urgently(sender))).status).to.equal(1);
    expect(said[0]).to.match(/--max-spend allows/);
    kept.forEach((payment) => {
      payment.at -= 25 * 60 * 60 * 1000;
    });
    expect((await pay(newSender({ maxDayWei: spent * 3n }, said, kept))).status).to.equal(1);
  });

  it('are not offered by who cannot pay them', async () => {
    const poor = Wallet.createRandom();
    const sender = createSender(new Wallet(poor.privateKey), provider);
    const error = await errorOf(sender.send('paying', { to, value: 1n }));
    expect(error).to.include({ code: 'ACCOUNT_NO_FUNDS' });
  });
});

describe('gas', () => {
  it('that a block of the chain does not hold is said, with the step, before anything is sent', async () => {
    const small = await startAnvil('--gas-limit', '100000');
    try {
      const sender = createSender(developmentWallet(0), small.provider);
      const request = { to, gasLimit: 200_000n };
      const error = await sender.send('refuting', request).catch((cause: unknown) => cause as TributaryError);
      expect(error).to.be.instanceOf(TributaryError).and.to.include({ code: 'TRANSACTION_TOO_LARGE' });
      expect((error as TributaryError).message).to.match(/^refuting: .*200000 gas.*100000/);
      const near = await sender.send('calling', { to, gasLimit: 90_000n });
      expect((await small.provider.getTransaction(near.hash))!.gasLimit).to.equal(100_000n);
    } finally {
      await small.stop();
    }
  });
});
