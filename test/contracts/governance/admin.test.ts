import { expect } from 'chai';
import { id as hashOf, ZeroAddress, ZeroHash } from 'ethers';
import { isDeployedCode } from '../../../client/contracts/link.ts';
import type { ContractName } from '../../../client/contracts/names.ts';
import { deploySystem, type System } from './system.ts';

/** Every deployed contract by its name. */
async function contractsOf({ shared, policy, rewards, federation }: System): Promise<Record<string, string>> {
  const { treasury, governor, votingPower, factory, governedCalls } = shared.governance;
  return {
    TributaryToken: shared.token,
    Stake: shared.stake,
    Treasury: treasury,
    TributaryGovernor: governor,
    VotingPower: votingPower,
    FederationFactory: factory,
    GovernedCalls: governedCalls,
    Policy: await policy.getAddress(),
    Rewards: await rewards.getAddress(),
    Federation: await federation.getAddress(),
    ...shared.challenges,
    ...shared.libraries,
  };
}

describe('After deployment', () => {
  it('no contract names an account that is no contract of the system, but the guardian', async () => {
    const system = await deploySystem();
    const { ethers, policy, guardian } = system;
    const contracts = await contractsOf(system);
    const known = new Set(Object.values(contracts));
    let asked = 0;
    for (const [name, address] of Object.entries(contracts)) {
      const contract = await ethers.getContractAt(name, address);
      const getters = contract.interface.fragments.filter((fragment) => {
        const { type, inputs, outputs } = fragment as never as {
          type: string;
          inputs: unknown[];
          outputs?: { type: string }[];
        };
        return type === 'function' && inputs.length === 0 && outputs?.length === 1 && outputs[0]!.type === 'address';
      }) as never as { name: string }[];
      for (const { name: getter } of getters) {
        asked++;
        const named = await contract.getFunction(getter)();
        // nobody has joined
        if (getter === 'turnHolder') expect(named).to.equal(ZeroAddress);
        else expect(known.has(named), `${name}.${getter}`).to.equal(true);
      }
    }
    expect(asked).to.be.at.least(24);
    expect((await policy.halt()).guardian).to.equal(guardian.address);
  });

  it('the treasury is administered by itself, the governor proposes, anyone executes, and no one else has a role', async () => {
    const system = await deploySystem();
    const { treasury, governor } = system;
    const self = await treasury.getAddress();
    const proposer = await governor.getAddress();
    const roles: Record<string, string> = {
      [ZeroHash]: 'admin',
      [hashOf('PROPOSER_ROLE')]: 'proposer',
      [hashOf('EXECUTOR_ROLE')]: 'executor',
      [hashOf('CANCELLER_ROLE')]: 'canceller',
    };
    const granted = await treasury.queryFilter(treasury.filters.RoleGranted());
    const holders = granted.map(({ args }) => `${roles[args.role]} ${args.account}`);
    expect(holders).to.have.members([
      `admin ${self}`,
      `proposer ${proposer}`,
      `canceller ${proposer}`,
      `executor ${ZeroAddress}`,
    ]);
    expect(await treasury.queryFilter(treasury.filters.RoleAdminChanged())).to.have.length(0);
    for (const role of Object.keys(roles)) expect(await treasury.getRoleAdmin(role)).to.equal(ZeroHash);
  });

  it('the deployer can do no more than anyone', async () => {
    const system = await deploySystem();
    const { ethers, founder, stranger, others } = system;
    let refused = 0;
    for (const [name, address] of Object.entries(await contractsOf(system))) {
      const { interface: abi } = await ethers.getContractAt(name, address);
      for (const fragment of abi.fragments) {
        if (fragment.type !== 'function') continue;
        const {
          name: method,
          inputs,
          stateMutability,
        } = fragment as never as {
          name: string;
          inputs: { type: string; baseType: string }[];
          stateMutability: string;
        };
        if (stateMutability === 'view' || stateMutability === 'pure') continue;
        // what takes no arguments, or plain ones, is tried as the deployer and as a stranger: both get the same answer
        if (inputs.some(({ baseType }) => baseType === 'tuple' || baseType === 'array')) continue;
        const values = inputs.map(({ type }) => plainValue(type, others[0]!.address));
        const data = abi.encodeFunctionData(fragment as never, values);
        const answers = await Promise.all(
          [founder, stranger].map((from) => answerOf(system, from.address, address, data)),
        );
        // the token's holder moves its own tokens
        if (name === 'TributaryToken') continue;
        expect(anonymous(answers[0]!, founder.address), `${name}.${method}`).to.equal(
          anonymous(answers[1]!, stranger.address),
        );
        if (answers[1] !== 'done') refused++;
      }
    }
    expect(refused).to.be.at.least(40);
  });

  it('the system has the code that was compiled, and points at itself only', async () => {
    const system = await deploySystem();
    const contracts = await contractsOf(system);
    for (const [name, address] of Object.entries(contracts)) {
      const code = await system.ethers.provider.getCode(address);
      expect(isDeployedCode(name as ContractName, code, system.shared.libraries), name).to.equal(true);
      expect((code.length - 2) / 2, name).to.be.below(24_576);
    }
    const { stake, treasury, votingPower, governor, factory, policy, federation, rewards } = system;
    expect(await stake.treasury()).to.equal(await treasury.getAddress());
    expect(await votingPower.owner()).to.equal(await treasury.getAddress());
    expect(await governor.token()).to.equal(await votingPower.getAddress());
    expect(await governor.timelock()).to.equal(await treasury.getAddress());
    expect(await factory.owner()).to.equal(await treasury.getAddress());
    expect(await policy.owner()).to.equal(await treasury.getAddress());
    expect(await federation.policy()).to.equal(await policy.getAddress());
    expect(await rewards.federation()).to.equal(await federation.getAddress());
  });
});

function plainValue(type: string, account: string): unknown {
  if (type === 'address') return account;
  if (type === 'bool') return false;
  if (type === 'string') return '';
  if (type === 'bytes') return '0x';
  const bytes = /^bytes(\d+)$/.exec(type);
  return bytes ? `0x${'00'.repeat(Number(bytes[1]))}` : 1;
}

/** `done`, or what the contract reverts with. */
async function answerOf({ ethers }: System, from: string, to: string, data: string): Promise<string> {
  try {
    await ethers.provider.call({ from, to, data });
    return 'done';
  } catch (error) {
    return String((error as { data?: string }).data ?? (error as Error).message);
  }
}

/** Who asks is part of what is refused. */
function anonymous(answer: string, account: string): string {
  return answer.toLowerCase().replaceAll(account.slice(2).toLowerCase(), 'caller');
}
