import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Deployment } from '../../client/chain/deployment.ts';
import { recordDeployment } from '../../client/deployment/addressBook.ts';

const address = (byte: string) => `0x${byte.repeat(20)}`;

function deploymentOf(name: string, chainId: number, factory: string): Deployment {
  const governance = {
    treasury: address('01'),
    governor: address('02'),
    votingPower: address('03'),
    factory,
    governedCalls: address('04'),
  };
  const challenges = {
    AggregateChallenges: address('05'),
    InputChallenges: address('05'),
    TrainerChallenges: address('05'),
    Openings: address('05'),
    RewardChallenges: address('05'),
  };
  const libraries = {
    Boundary: address('0b'),
    Electors: address('0b'),
    Waiting: address('0b'),
    Enrolment: address('0b'),
    Evaluators: address('0b'),
    Funding: address('0b'),
    ScoreDemands: address('0b'),
    StatementOrder: address('0b'),
  };
  const own = { policy: address('06'), rewards: address('07'), federation: address('08') };
  const shared = {
    token: address('09'),
    stake: address('0a'),
    challenges,
    libraries,
    governance,
  };
  return { name, chainId, ...shared, ...own, deployBlock: 0, blobs: [] };
}

describe('The address book', () => {
  it('lists federations by chain and by what they share', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'));
    const file = join(folder, 'digits.json');
    recordDeployment(file, deploymentOf('digits', 1, address('aa')));
    recordDeployment(file, deploymentOf('lungs', 1, address('aa')));
    recordDeployment(file, deploymentOf('digits', 1, address('bb')));
    recordDeployment(file, deploymentOf('digits', 2, address('aa')));
    const book = JSON.parse(readFileSync(join(folder, 'addresses.json'), 'utf8'));
    expect(Object.keys(book)).to.deep.equal(['1', '2']);
    expect(book[1].map(({ federations }: { federations: object }) => Object.keys(federations))).to.deep.equal([
      ['digits', 'lungs'],
      ['digits'],
    ]);
    expect(book[1][0].federations.lungs.federation).to.equal(address('08'));
  });

  it('is not overwritten where it cannot be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'));
    writeFileSync(join(folder, 'addresses.json'), '{"1": []}');
    recordDeployment(join(folder, 'digits.json'), deploymentOf('digits', 1, address('aa')));
    writeFileSync(join(folder, 'addresses.json'), '{"somewhere": []}');
    expect(() => recordDeployment(join(folder, 'digits.json'), deploymentOf('digits', 1, address('aa')))).to.throw(
      /somewhere/,
    );
  });
});
