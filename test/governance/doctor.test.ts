/** Deployments that were broken on purpose, each found out; and one that was not. */
import { expect } from 'chai';
import { id, ZeroHash } from 'ethers';
import { type DeployedAddresses, examine } from '../../client/governance/doctor.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Governed, openGoverned } from './governed.ts';

const stranger = developmentWallet(9).address;

describe('the examination of a deployment', () => {
  let governed: Governed;
  let other: Governed;
  let snapshot: string;

  before(async () => {
    governed = await openGoverned();
    other = await openGoverned({ revealSeconds: 29 });
  });
  after(() => Promise.all([governed.anvil.stop(), other.anvil.stop()]));
  beforeEach(async () => {
    snapshot = (await governed.anvil.provider.send('evm_snapshot', [])) as string;
  });
  afterEach(() => governed.anvil.provider.send('evm_revert', [snapshot]));

  async function problems(changed: Partial<DeployedAddresses> = {}): Promise<string[]> {
    const { deployment, anvil } = governed;
    const findings = await examine(anvil.provider, { ...deployment, ...changed }, deployment.deployBlock);
    expect(findings.length).to.be.greaterThan(15);
    return findings.flatMap(({ check, problem }) => (problem === undefined ? [] : [`${check}: ${problem}`]));
  }

  /** Acts as the treasury, as no key can. */
  async function asTreasury(target: string, data: string): Promise<void> {
    const { provider } = governed.anvil;
    const { treasury: from } = governed.deployment.governance;
    await provider.send('anvil_setBalance', [from, '0xde0b6b3a7640000']);
    await provider.send('anvil_impersonateAccount', [from]);
    await provider.send('eth_sendTransaction', [{ from, to: target, data }]);
  }

  /** The address in a storage slot of a contract. */
  const setStorage = (target: string, slot: string, value: string) =>
    governed.anvil.provider.send('anvil_setStorageAt', [target, slot, value]);

  it('finds nothing wrong with one that is right', async () => {
    expect(await problems()).to.deep.equal([]);
  });

  it('finds code that is missing, or of another contract', async () => {
    const { policy, governance } = governed.deployment;
    expect(await problems({ policy: stranger })).to.deep.equal([`code of Policy: there is none at ${stranger}`]);
    const swapped = { ...governance, governor: governance.votingPower };
    expect(await problems({ governance: swapped })).to.match(
      /code of TributaryGovernor: .* is not what the sources compile to/,
    );
    const code = await governed.anvil.provider.getCode(policy);
    await governed.anvil.provider.send('anvil_setCode', [policy, `${code.slice(0, -2)}00`]);
    expect(await problems()).to.match(/code of Policy/);
  });

  it('finds a policy, a voting token and a treasury that others do not name', async () => {
    const { provider } = governed.anvil;
    const { deployment } = governed;
    // another system on the same chain
    const copy = async (address: string) => {
      await provider.send('anvil_setCode', [stranger, await other.anvil.provider.getCode(address)]);
      return stranger;
    };
    const policy = await copy(other.deployment.policy);
    const found = await problems({ policy });
    expect(found.join()).to.match(/policy of Federation: it is 0x\w+, not the Policy at/);
    const token = await copy(deployment.token);
    expect((await problems({ token })).join()).to.match(/token of VotingPower: it is/);
    const treasury = await copy(deployment.governance.treasury);
    const wrong = (await problems({ governance: { ...deployment.governance, treasury } })).join();
    expect(wrong)
      .to.match(/treasury of Stake: it is/)
      .and.match(/owner of Policy: it is/);
    expect(wrong).to.match(/administrators of the treasury: .* must be one/);
  });

  it('finds a foreign administrator, proposer and canceller of the treasury', async () => {
    const { treasury } = governed.deployment.governance;
    const { Interface } = await import('ethers');
    const abi = new Interface(['function grantRole(bytes32 role, address account)']);
    const roles = { administrators: ZeroHash, proposers: id('PROPOSER_ROLE'), cancellers: id('CANCELLER_ROLE') };
    for (const role of Object.values(roles))
      await asTreasury(treasury, abi.encodeFunctionData('grantRole', [role, stranger]));
    const found = await problems();
    for (const name of Object.keys(roles))
      expect(found).to.include(`${name} of the treasury: ${stranger} must not be one`);
    expect(found).to.have.length(3);
  });

  it('finds a parameter out of its bounds, and one in force that nobody has chosen', async () => {
    const { provider } = governed.anvil;
    const { federation, deployment } = { ...governed.deployment, deployment: governed.deployment };
    // minimum stake and bond share a slot of both contracts: found by what is in them
    const packed = async (target: string): Promise<string> => {
      for (let slot = 0; slot < 40; slot++) {
        const key = `0x${slot.toString(16).padStart(64, '0')}`;
        if (BigInt(await provider.getStorage(target, key)) === ((10n ** 21n) << 128n) + 10n ** 20n) return key;
      }
      throw new Error(`no slot of ${target} holds the stakes`);
    };
    await setStorage(
      federation,
      await packed(federation),
      `0x${(((10n ** 21n) << 128n) + 1n).toString(16).padStart(64, '0')}`,
    );
    expect(await problems()).to.deep.equal([
      'parameters in force: the federation has others than its policy: trainerStakeWei',
    ]);
    await setStorage(
      deployment.policy,
      await packed(deployment.policy),
      `0x${((10n ** 21n) << 128n).toString(16).padStart(64, '0')}`,
    );
    expect((await problems()).join()).to.match(/parameter minimumStake: 0 tokens is not from/);
  });

  it('finds windows that are too short for a chain that is not the development chain', async () => {
    const check = 'windows in which who is late loses stake';
    const problemOn = async (chainId: number) => {
      const { deployment, anvil } = other;
      const findings = await examine(anvil.provider, { ...deployment, chainId }, deployment.deployBlock);
      return findings.find((finding) => finding.check === check)!.problem;
    };
    expect(await problemOn(1329)).to.match(/^revealWindow: 29 s are too short/);
    expect(await problemOn(31_337)).to.equal(undefined);
  });
});
