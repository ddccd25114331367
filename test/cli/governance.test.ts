/** Governance on the command line: a vote from proposal to execution, and every refusal. */
import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Governed, governance, openGoverned, passTime } from '../governance/governed.ts';
import { tributary } from './tributary.ts';

const { CONFIG_INVALID, NOT_ELIGIBLE, USAGE, DEPLOYMENT_UNSOUND } = exitCodes;

describe('governance on the command line', () => {
  let governed: Governed;

  before(async () => {
    governed = await openGoverned();
  });
  after(() => governed.anvil.stop());

  function run(account: number, ...args: string[]) {
    const signing = ['list', 'show', 'parameters'].includes(args[1]!) || args[0] === 'doctor' || args[0] === 'status';
    const key = signing ? [] : ['--dev-account', String(account)];
    return tributary([...args, '--deployment', governed.file, ...key]);
  }

  async function runJson(account: number, ...args: string[]) {
    const outcome = await run(account, ...args, '--json');
    expect(outcome.code, outcome.stderr).to.equal(0);
    return JSON.parse(outcome.stdout);
  }

  async function expectRefusal(code: number, sentence: string, account: number, ...args: string[]): Promise<void> {
    const outcome = await run(account, ...args);
    expect(outcome.stderr).to.include(sentence);
    expect(outcome.code).to.equal(code);
  }

  it('refuses calls that cannot be proposed, and accounts that may not propose', async () => {
    const propose = ['governance', 'propose'];
    await expectRefusal(
      CONFIG_INVALID,
      'did you mean minimumStake?',
      1,
      ...propose,
      'set-parameter',
      'minimumStak',
      '200',
    );
    await expectRefusal(CONFIG_INVALID, 'did you mean set-rule?', 1, ...propose, 'set-rul', 'median');
    await expectRefusal(CONFIG_INVALID, 'from 0 % to 50 %', 1, ...propose, 'set-parameter', 'challengerShare', '51%');
    await expectRefusal(
      CONFIG_INVALID,
      'unbondingDelay: 1 min is out of its bounds',
      1,
      ...propose,
      'set-parameter',
      'unbondingDelay',
      '1min',
    );
    await expectRefusal(NOT_ELIGIBLE, 'Proposing takes 1 votes, but', 9, ...propose, 'set-rule', 'median');
    await expectRefusal(CONFIG_INVALID, '"1" is no proposal: there is none yet', 1, 'governance', 'vote', '1', 'for');
    const empty = await run(1, 'governance', 'list');
    expect(empty.stdout).to.include('Nothing has been proposed yet');
    await expectRefusal(USAGE, "missing required argument 'what'", 1, ...propose);
  });

  it('carries a change from proposal to execution, and refuses every step out of its time', async () => {
    const { provider } = governed.anvil;
    const act = (account: number, ...args: string[]) => runJson(account, 'governance', ...args);
    const proposed = await act(1, 'propose', 'set-parameter', 'minimumStake', '200', '--reason', 'more at stake');
    expect(proposed).to.include({ number: 1, state: 'pending' });
    const change = {
      subject: 'minimumStake',
      words: 'what a trainer keeps at stake',
      now: '100 tokens',
      next: '200 tokens',
    };
    expect(proposed.effects).to.deep.equal([{ changes: [change] }]);
    await expectRefusal(
      NOT_ELIGIBLE,
      'proposed before, in the same words',
      1,
      'governance',
      'propose',
      'set-parameter',
      'minimumStake',
      '200',
      '--reason',
      'more at stake',
    );
    await expectRefusal(NOT_ELIGIBLE, 'Voting on proposal 1 begins', 1, 'governance', 'vote', '1', 'for');
    await passTime(provider, governance.votingDelaySeconds + 1);
    await expectRefusal(CONFIG_INVALID, '"fro" is no vote; did you mean for?', 1, 'governance', 'vote', '1', 'fro');
    await expectRefusal(CONFIG_INVALID, '"2" is no proposal: there are 1 to 1', 1, 'governance', 'vote', '2', 'for');
    await expectRefusal(
      NOT_ELIGIBLE,
      'had no votes when voting on proposal 1 began',
      9,
      'governance',
      'vote',
      '1',
      'for',
    );
    await act(1, 'vote', '1', 'for');
    await expectRefusal(NOT_ELIGIBLE, 'has voted on proposal 1 already', 1, 'governance', 'vote', '1', 'against');
    await expectRefusal(NOT_ELIGIBLE, 'cannot be queued: it is voted on until', 1, 'governance', 'queue', '1');
    const voted = await act(2, 'vote', '1', 'for');
    expect(voted.votes).to.deep.equal({ against: '0', for: String(4n * 10n ** 25n), abstain: '0' });
    await passTime(provider, governance.votingPeriodSeconds);
    await expectRefusal(NOT_ELIGIBLE, 'Voting on proposal 1 ended', 3, 'governance', 'vote', '1', 'against');
    await expectRefusal(NOT_ELIGIBLE, 'is not queued: queue it first', 1, 'governance', 'execute', '1');
    expect((await act(3, 'queue', '1')).state).to.equal('queued');
    await expectRefusal(NOT_ELIGIBLE, 'may be executed from', 1, 'governance', 'execute', '1');
    await passTime(provider, governance.timelockSeconds);
    expect((await act(3, 'execute', '1')).state).to.equal('executed');
    await expectRefusal(NOT_ELIGIBLE, 'it has been executed already', 1, 'governance', 'execute', '1');
    const parameters = await act(1, 'parameters');
    expect(parameters.find(({ name }: { name: string }) => name === 'minimumStake').value).to.equal(
      String(2n * 10n ** 20n),
    );
  });

  it('shows what is defeated, what it would have done, and what its author says', async () => {
    const someone = developmentWallet(8).address;
    await runJson(1, 'governance', 'propose', 'spend', '5', someone, '--reason', 'a present');
    await passTime(governed.anvil.provider, governance.votingDelaySeconds + 1);
    await runJson(2, 'governance', 'vote', '2', 'against');
    await runJson(3, 'governance', 'vote', '2', 'abstain');
    await passTime(governed.anvil.provider, governance.votingPeriodSeconds);
    await expectRefusal(NOT_ELIGIBLE, 'it was defeated, or too few have voted', 1, 'governance', 'queue', '2');
    const { stdout } = await run(1, 'governance', 'show', '2');
    expect(stdout).to.include('Proposal 2 is defeated').and.include(`5 tokens is sent to ${someone}`);
    expect(stdout).to.include('its author says: spend 5').and.include('a present');
    expect(stdout).to.include('against    20000000 votes');
    const listed = await run(1, 'governance', 'list');
    expect(listed.stdout)
      .to.match(/1 +│ executed/)
      .and.match(/2 +│ defeated/);
  });

  it('delegates the votes of tokens, of stake and of funding to any account', async () => {
    const to = developmentWallet(8).address;
    const funded = await runJson(3, 'fund', '1000');
    expect(funded.votesWei).to.equal(String(10n ** 21n));
    const delegated = await runJson(3, 'governance', 'delegate', to);
    expect(delegated.changed).to.deep.equal(['token', 'stake', 'votingPower']);
    // the tokens that were given away for votes vote as before
    expect(delegated.votesWei).to.equal(String(2n * 10n ** 25n));
    await expectRefusal(CONFIG_INVALID, '40 hex digits', 3, 'governance', 'delegate', 'me');
  });

  it('examines a deployment that is right, and one that is broken', async () => {
    expect((await runJson(1, 'doctor')).problems).to.deep.equal([]);
    const { provider } = governed.anvil;
    const { policy } = governed.deployment;
    const code = await provider.getCode(policy);
    await provider.send('anvil_setCode', [policy, '0x00']);
    const outcome = await run(1, 'doctor');
    expect(outcome.code).to.equal(DEPLOYMENT_UNSOUND);
    expect(outcome.stdout).to.include('WRONG  code of Policy');
    expect(outcome.stderr).to.include('Do not stake or vote here');
    await provider.send('anvil_setCode', [policy, code]);
  });
});
