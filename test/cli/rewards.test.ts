/** Stake, pool and rewards on the command line: what is refused says what to do. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { defaultChoices } from '../../client/deployment/choices.ts';
import { deployFederation } from '../../client/deployment/deploy.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from '../chain/anvil.ts';
import { smallManifest } from '../chain/federation.ts';
import { tributary } from './tributary.ts';

const account = developmentWallet(1).address;
const deployment = join(mkdtempSync(join(tmpdir(), 'tributary-cli-')), 'deployment.json');
const wei = (tokens: number) => String(BigInt(tokens) * 10n ** 18n);

describe('stake and rewards on the command line', () => {
  let anvil: Anvil;

  before(async () => {
    anvil = await startAnvil();
    await deployFederation({
      provider: anvil.provider,
      wallet: developmentWallet(0),
      name: 'cli',
      rpcUrl: anvil.url,
      manifest: smallManifest,
      choices: { ...defaultChoices, challengeSeconds: 10, turnSeconds: 5, submissionSeconds: 60 },
      grants: [{ account, tokens: 300 }],
      file: deployment,
    });
  });
  after(() => anvil.stop());

  function run(...args: string[]) {
    return tributary([...args, '--deployment', deployment, '--dev-account', '1']);
  }

  async function expectRefusal(code: number, sentence: string, ...args: string[]): Promise<void> {
    const outcome = await run(...args);
    expect(outcome.stderr).to.include(sentence);
    expect(outcome.code).to.equal(code);
  }

  it('refuses invalid amounts, roles, rounds and addresses', async () => {
    const invalid = exitCodes.CONFIG_INVALID;
    await expectRefusal(invalid, '"0" is not an amount above zero', 'stake', '0', '--role', 'trainer');
    await expectRefusal(invalid, 'with at most 9 decimals', 'fund', '0.0000000001');
    await expectRefusal(exitCodes.USAGE, 'trainer, aggregator, evaluator', 'stake', '1', '--role', 'watchtower');
    await expectRefusal(invalid, '"me" is not an address', 'claim', '--account', 'me');
    const explain = ['rewards', 'explain', '--deployment', deployment, '--round', '7', '--trainer', account];
    const outcome = await tributary(explain);
    expect(outcome.stderr).to.include('"7" is not a round whose rewards were stated: none is yet.');
    expect(outcome.code).to.equal(invalid);
  });

  it('refuses to take more than there is, and says how much there is', async () => {
    const { NOT_ELIGIBLE } = exitCodes;
    await expectRefusal(NOT_ELIGIBLE, 'has 300.0: send it the rest', 'stake', '301', '--role', 'trainer');
    await expectRefusal(NOT_ELIGIBLE, 'Nothing is bonded', 'unstake', 'all', '--role', 'evaluator');
    await expectRefusal(NOT_ELIGIBLE, 'Nothing is unbonding: unstake first', 'withdraw', '--role', 'trainer');
    await expectRefusal(NOT_ELIGIBLE, 'There is nothing to claim', 'claim');
    await expectRefusal(NOT_ELIGIBLE, 'is not a trainer', 'unstake', '1', '--role', 'trainer', '--leave');
  });

  it('stakes, unstakes in part, and withdraws when the delay is over', async () => {
    const staked = await run('stake', '100', '--role', 'trainer', '--json');
    expect(staked.code, staked.stderr).to.equal(0);
    const deposited = { account, role: 'trainer', depositedWei: wei(100), bondedWei: wei(100) };
    expect(JSON.parse(staked.stdout)).to.deep.equal(deposited);
    await expectRefusal(exitCodes.NOT_ELIGIBLE, 'Only 100.0 tokens are bonded', 'unstake', '101', '--role', 'trainer');
    const unstaked = await run('unstake', '40', '--role', 'trainer', '--json');
    expect(unstaked.code, unstaked.stderr).to.equal(0);
    const { unbondingWei, releaseAt } = JSON.parse(unstaked.stdout);
    expect(unbondingWei).to.equal(wei(40));
    await expectRefusal(exitCodes.NOT_ELIGIBLE, 'withdraw it then', 'withdraw', '--role', 'trainer');
    await anvil.provider.send('evm_setNextBlockTimestamp', [releaseAt]);
    await anvil.provider.send('evm_mine', []);
    const withdrawn = await run('withdraw', '--role', 'trainer', '--json');
    expect(withdrawn.code, withdrawn.stderr).to.equal(0);
    expect(JSON.parse(withdrawn.stdout)).to.deep.equal({ account, role: 'trainer', withdrawnWei: wei(40) });
  });

  it('funds the pool, which the list of rewards then shows', async () => {
    const funded = await run('fund', '12.5', '--json');
    expect(funded.code, funded.stderr).to.equal(0);
    const listed = await tributary(['rewards', '--deployment', deployment, '--json']);
    expect(JSON.parse(listed.stdout)).to.include({ poolGwei: String(125n * 10n ** 8n), finalRound: 0 });
  });
});
