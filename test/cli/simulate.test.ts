import { expect } from 'chai';
import { exitCodes } from '../../client/core/errors.ts';
import { tributary } from './tributary.ts';

describe('the simulator on the command line', () => {
  it('says how good the model becomes, rule by rule and attack by attack', async () => {
    const args = ['simulate-attacks', '--rounds', '3', '--rules', 'mean', 'median', '--partition', 'dirichlet:0.5'];
    const { code, stdout } = await tributary([...args, '--json']);
    expect(code).to.equal(0);
    const { accuracies } = JSON.parse(stdout) as { accuracies: { rule: string; attack: string; accuracy: number }[] };
    expect(accuracies.filter(({ attack }) => attack === 'nobody').map(({ rule }) => rule)).to.deep.equal([
      'mean',
      'median',
    ]);
    for (const { accuracy } of accuracies) expect(accuracy).to.be.within(0.01, 0.99);
  });

  it('leaves the same model under all attacks where there are no attackers', async () => {
    const args = ['simulate-attacks', '--rounds', '3', '--rules', 'mean', '--attackers', '0', '--json'];
    const { accuracies } = JSON.parse((await tributary(args)).stdout) as { accuracies: { accuracy: number }[] };
    expect(new Set(accuracies.map(({ accuracy }) => accuracy)).size).to.equal(1);
  });

  it('refuses strategies, shares and data that it does not know before it runs anything', async () => {
    const only = await tributary(['simulate-strategies', '--rounds', '1', '--only', 'nothing']);
    expect(only.code).to.equal(exitCodes.CONFIG_INVALID);
    expect(only.stderr).to.include('"nothing" is none of').and.to.include('colluding ring');
    expect((await tributary(['simulate-attacks', '--attackers', '1'])).code).to.equal(exitCodes.USAGE);
    expect((await tributary(['simulate-strategies', '--data', 'none'])).code).to.equal(exitCodes.USAGE);
  });
});
