/** A deployment that is interrupted goes on where it ended, and does nothing twice. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Wallet } from 'ethers';
import { connectChain } from '../../client/chain/connect.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { defaultChoices } from '../../client/deployment/choices.ts';
import { type DeployOptions, deployFederation } from '../../client/deployment/deploy.ts';
import { progressFile, readProgress } from '../../client/deployment/progress.ts';
import type { DoneStep } from '../../client/deployment/run.ts';
import { examine } from '../../client/governance/doctor.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { smallManifest } from '../chain/federation.ts';
import { type RpcProxy, startProxy } from '../chain/proxy.ts';

const deployer = developmentWallet(0);
/** Contracts that are shared, those of the task, tokens for two accounts and the treasury, and for the pool. */
const allSteps = 20 + 3 + 3 + 2;

describe('a deployment', () => {
  let anvil: Anvil;
  let proxy: RpcProxy;
  let file: string;

  beforeEach(async () => {
    anvil = await startAnvil();
    proxy = await startProxy(anvil.url);
    file = join(mkdtempSync(join(tmpdir(), 'tributary-deploy-')), 'digits.json');
  });
  afterEach(async () => {
    await proxy.stop();
    await anvil.stop();
  });

  async function deploy(more: Partial<DeployOptions> = {}) {
    const provider = await connectChain(proxy.url);
    const steps: DoneStep[] = [];
    try {
      const deployment = await deployFederation({
        provider,
        wallet: deployer,
        name: 'digits',
        manifest: smallManifest,
        choices: defaultChoices,
        grants: [1, 2].map((account) => ({ account: developmentWallet(account).address, tokens: 10_000 })),
        funding: 500,
        file,
        patienceMs: 0,
        onStep: (step) => steps.push(step),
        ...more,
      });
      return { deployment, steps };
    } finally {
      provider.destroy();
    }
  }

  async function failure(more: Partial<DeployOptions> = {}): Promise<TributaryError> {
    const error = await deploy(more).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(TributaryError);
    return error as TributaryError;
  }

  /** The provider takes so many new transactions, and fails for good at the next, which the chain has or has not got. */
  function breakAfter(transactions: number, { late }: { late: boolean }): void {
    const seen = new Set<unknown>();
    let isBroken = false;
    proxy.spoil = async ({ method, params }) => {
      if (isBroken) return { kind: 'close' };
      if (method !== 'eth_sendRawTransaction') return undefined;
      seen.add(params[0]);
      if (seen.size <= transactions) return undefined;
      isBroken = true;
      return { kind: 'close', late };
    };
  }

  /** A deployment of which the chain has got six transactions, and their number. */
  async function leaveSix(): Promise<number> {
    breakAfter(5, { late: true });
    await failure();
    proxy.spoil = () => undefined;
    // a block may come after the answer
    while ((await sent()) < 6) await new Promise((resolve) => setTimeout(resolve, 10));
    return 6;
  }

  const sent = async () => await anvil.provider.getTransactionCount(deployer.address);

  it('says each step, with its place, and what was created where', async () => {
    const { deployment, steps } = await deploy();
    expect(steps.map(({ step, of }) => [step, of])).to.deep.equal(
      Array.from({ length: allSteps }, (_, index) => [index + 1, allSteps]),
    );
    const at = Object.fromEntries(steps.map(({ what, address }) => [what, address]));
    expect(at).to.include({ Stake: deployment.stake, Policy: deployment.policy, Federation: deployment.federation });
    expect(new Set(steps.map(({ transaction }) => transaction)).size).to.equal(allSteps);
    expect(existsSync(progressFile(file))).to.equal(false);
  });

  it('sends several transactions a block where they need not wait for one another', async () => {
    await anvil.provider.send('evm_setAutomine', [false]);
    await anvil.provider.send('evm_setIntervalMining', [1]);
    const { steps } = await deploy({ patienceMs: 10_000 });
    const receipts = await Promise.all(
      steps.map(({ transaction }) => anvil.provider.getTransactionReceipt(transaction)),
    );
    expect(new Set(receipts.map((receipt) => receipt!.blockNumber)).size).to.be.below(10);
  });

  it('goes on after each of its steps, whether the chain has got the last one or not', async () => {
    let runs = 0;
    for (;;) {
      // at its first transaction, which arrives, or at its second, which does not
      const late = runs % 2 === 0;
      breakAfter(late ? 0 : 1, { late });
      const outcome = await deploy({ resume: runs > 0 }).catch((error: unknown) => error as TributaryError);
      if (!(outcome instanceof Error)) {
        expect(outcome.steps.map(({ step }) => step)).to.have.lengthOf(allSteps);
        break;
      }
      expect(outcome).to.include({ code: 'CHAIN_UNREACHABLE', retryable: true });
      expect(outcome.message).to.include('go on with --resume');
      expect(existsSync(file)).to.equal(false);
      runs++;
    }
    expect(runs).to.be.at.least(allSteps - 1);
    expect(await sent()).to.equal(allSteps);
    const deployment = JSON.parse(readFileSync(file, 'utf8'));
    const findings = await examine(anvil.provider, deployment, deployment.deployBlock);
    expect(findings.filter(({ problem }) => problem !== undefined)).to.deep.equal([]);
    expect(existsSync(progressFile(file))).to.equal(false);
  });

  it('that was begun is said to be so, and nothing is sent before it is to go on or be forgotten', async () => {
    const before = await leaveSix();
    const { code, message } = await failure();
    expect(code).to.equal('CONFIG_INVALID');
    expect(message).to.include('--resume').and.to.include(progressFile(file)).and.to.include(`of ${allSteps} steps`);
    expect(await sent()).to.equal(before);
  });

  it('goes on as the same one only', async () => {
    const before = await leaveSix();
    const others: [Partial<DeployOptions>, string][] = [
      [{ choices: { ...defaultChoices, trainerStake: 7 } }, 'The configuration'],
      [{ funding: 1 }, 'The configuration'],
      [{ wallet: developmentWallet(1) }, `It was begun by ${deployer.address}, not ${developmentWallet(1).address}`],
    ];
    for (const [more, reason] of others) {
      const { code, message } = await failure({ ...more, resume: true });
      expect(code).to.equal('CONFIG_INVALID');
      expect(message).to.include(reason).and.to.include(progressFile(file));
    }
    expect(await sent()).to.equal(before);
  });

  it('that finds its transactions taken by another program says so', async () => {
    breakAfter(0, { late: false });
    await failure();
    proxy.spoil = () => undefined;
    const other = new Wallet(deployer.privateKey, anvil.provider);
    await (await other.sendTransaction({ to: deployer.address })).wait();
    const { code, message } = await failure({ resume: true });
    expect(code).to.equal('DEPLOYMENT_UNSOUND');
    expect(message).to.include('another program').and.to.include(deployer.address);
  });

  it('whose progress is cut off or of something else says which file to remove', async () => {
    for (const text of ['', '{"format":', '[]', '{"format":"tributary-deploying/1"}']) {
      writeFileSync(progressFile(file), text);
      expect(() => readProgress(file), text)
        .to.throw(TributaryError)
        .with.property('code', 'CONFIG_INVALID');
    }
  });

  it('never writes down the address of a provider that holds a key', async () => {
    const { deployment } = await deploy({ rpcUrl: 'https://user:secret@node.example/v3/0123456789abcdef' });
    expect(deployment.rpcUrl).to.equal(undefined);
    expect(readFileSync(file, 'utf8')).not.to.include('node.example');
  });
});
