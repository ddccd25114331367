/** Values as people write them, and as the contracts hold them. */
import { expect } from 'chai';
import fc from 'fast-check';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { editDistance, nearestName } from '../../client/core/nearestName.ts';
import { findAction } from '../../client/governance/actions.ts';
import { findSetting, settings } from '../../client/governance/settings.ts';
import { formatSeconds, parseValue, type UnitName, units } from '../../client/governance/units.ts';
import { expectCode } from './expectCode.ts';

describe('units of what is voted on', () => {
  it('refuse texts that are no value of theirs', () => {
    const refused: [UnitName, string][] = [
      ['tokensWei', '-1'],
      ['tokensWei', '1e3'],
      ['tokensWei', '0.0000000000000000001'],
      ['tokensGwei', '0.0000000001'],
      ['seconds', '1.5h'],
      ['seconds', '3 weeks'],
      ['basisPoints', '12.345%'],
      ['percent', '4.5%'],
      ['count', '1.0'],
      ['squaredNorm', '-3'],
      ['currencyWei', ''],
    ];
    for (const [unit, text] of refused) expectCode(() => parseValue(unit, 'thing', text), 'CONFIG_INVALID', /^thing: /);
  });

  it('are what the contracts count in', () => {
    const read: [UnitName, string, bigint][] = [
      ['tokensWei', '200', 200n * 10n ** 18n],
      ['tokensWei', '0.5 tokens', 5n * 10n ** 17n],
      ['tokensGwei', '1.5', 1_500_000_000n],
      ['seconds', '90', 90n],
      ['seconds', '15min', 900n],
      ['seconds', '6 h', 21_600n],
      ['seconds', '7d', 604_800n],
      ['basisPoints', '12.5%', 1_250n],
      ['basisPoints', '0.125', 1_250n],
      ['percent', '4%', 4n],
      ['updates', 'majority', 0n],
      ['updates', '12', 12n],
      // a norm of 2 is 2·2^16 update units
      ['squaredNorm', '2', 2n ** 34n],
    ];
    for (const [unit, text, value] of read) expect(parseValue(unit, 'thing', text), `${unit} ${text}`).to.equal(value);
  });

  it('are written as they are read', () => {
    const exact = (Object.keys(units) as UnitName[]).filter((unit) => unit !== 'squaredNorm' && unit !== 'seconds');
    fc.assert(
      fc.property(fc.constantFrom(...exact), fc.bigInt({ min: 0n, max: 10n ** 24n }), (name, value) => {
        const text = units[name].format(value).replace(" of the chain's currency", '');
        expect(parseValue(name, 'thing', text)).to.equal(value);
      }),
    );
    expect(formatSeconds(788_645n)).to.equal('9 d 3 h 4 min 5 s');
    expect(formatSeconds(0n)).to.equal('0 s');
    expect(units.squaredNorm.format(parseValue('squaredNorm', 'thing', '32'))).to.equal('32');
  });
});

describe('names of what is voted on', () => {
  it('exist for every number of both structs; the rule has an action of its own', () => {
    const policy = contractInterface('Policy');
    for (const [holder, getter] of [
      ['federation', 'federationParameters'],
      ['rewards', 'rewardParameters'],
    ] as const) {
      const fields = policy.getFunction(getter)!.outputs[0]!.components!.map(({ name }) => name);
      const named = settings.filter((setting) => setting.holder === holder).map(({ field }) => field);
      expect([...named, ...(holder === 'federation' ? ['rule', 'trimBasisPoints'] : [])]).to.have.members(fields);
    }
  });

  it('are corrected to the nearest', () => {
    expect(editDistance('kitten', 'sitting')).to.equal(3);
    expect(nearestName('minimumstakes', ['maxWeight', 'minimumStake'])).to.equal('minimumStake');
    expectCode(() => findSetting('minimumStak'), 'CONFIG_INVALID', /did you mean minimumStake\?/);
    expectCode(() => findAction('set-rules'), 'CONFIG_INVALID', /did you mean set-rule\?/);
  });

  it('are each of one parameter, and the contracts name those that only one of them has', () => {
    expect(new Set(settings.map(({ name }) => name)).size).to.equal(settings.length);
    expect(findSetting('trainerStakeWei').name).to.equal('minimumStake');
    // both structs have it
    expectCode(() => findSetting('unbondingSeconds'), 'CONFIG_INVALID', /is no parameter/);
  });

  it('have bounds that their units can write', () => {
    for (const { name, unit, minimum, maximum } of settings) {
      expect(minimum < maximum, name).to.equal(true);
      expect(units[unit].format(minimum), name).to.be.a('string');
    }
  });
});
