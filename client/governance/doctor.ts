/**
 * Reads a whole deployment back: code, wiring, roles, owners and parameters, and says what is wrong. It takes nothing from the
 * deployment file but addresses, and believes no contract about another.
 */
import { Contract, getAddress, type InterfaceAbi, id, type Result, ZeroAddress, ZeroHash } from 'ethers';
import type { Addresses } from '../chain/connect.ts';
import { createEventFeed } from '../chain/events.ts';
import type { ChainProvider } from '../chain/provider.ts';
import { findShortWindow } from '../chain/windows.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { isDeployedCode } from '../contracts/link.ts';
import { type ContractName, challengeContracts, type linkedLibraries } from '../contracts/names.ts';
import { encodeUnchanged } from './actions.ts';
import { openGovernance } from './client.ts';
import { rehearse } from './rehearsal.ts';
import { settings } from './settings.ts';
import { units } from './units.ts';

export interface Finding {
  /** What was looked at. */
  check: string;
  /** What is wrong with it; undefined where nothing is. */
  problem?: string | undefined;
}

/** All that a deployment file names. */
export interface DeployedAddresses extends Addresses {
  libraries: Record<(typeof linkedLibraries)[number], string>;
}

interface Patient {
  provider: ChainProvider;
  addresses: DeployedAddresses;
  deployBlock: number;
  at: Record<SystemContract, string>;
}

/** Errors: CHAIN_UNREACHABLE, CONTRACT_MISSING where the contracts are not compiled. */
export async function examine(
  provider: ChainProvider,
  addresses: DeployedAddresses,
  deployBlock: number,
): Promise<Finding[]> {
  const patient: Patient = { provider, addresses, deployBlock, at: contractsOf(addresses) };
  const code = await examineCode(patient);
  // what has no code answers nothing
  if (code.some(({ problem }) => problem !== undefined)) return code;
  return [
    ...code,
    ...(await examineWiring(patient)),
    ...(await examineChallenges(patient)),
    ...(await examineRoles(patient)),
    ...(await examineParameters(patient)),
  ];
}

/** Those of a federation: of accounts there are as many as nodes want. */
type SystemContract = Exclude<ContractName, 'NodeAccount'>;

function contractsOf(addresses: DeployedAddresses): Record<SystemContract, string> {
  const { token, stake, federation, policy, rewards, challenges, libraries, governance } = addresses;
  const { treasury, governor, votingPower, factory, governedCalls } = governance;
  return {
    TributaryToken: token,
    Stake: stake,
    Federation: federation,
    Policy: policy,
    Rewards: rewards,
    ...challenges,
    ...libraries,
    Treasury: treasury,
    TributaryGovernor: governor,
    VotingPower: votingPower,
    FederationFactory: factory,
    GovernedCalls: governedCalls,
  };
}

async function examineCode({ provider, addresses, at }: Patient): Promise<Finding[]> {
  const names = Object.keys(at) as SystemContract[];
  return await Promise.all(
    names.map(async (name) => {
      const code = await provider.getCode(at[name]);
      const check = `code of ${name}`;
      if (code === '0x') return { check, problem: `there is none at ${at[name]}` };
      const same = isDeployedCode(name, code, addresses.libraries);
      return { check, problem: same ? undefined : `what is at ${at[name]} is not what the sources compile to` };
    }),
  );
}

type Link = [contract: SystemContract, method: string, expected: SystemContract];

/** Who names whom. */
const links: readonly Link[] = [
  ['Stake', 'token', 'TributaryToken'],
  ['Stake', 'treasury', 'Treasury'],
  ['Federation', 'stake', 'Stake'],
  ['Federation', 'policy', 'Policy'],
  ['Rewards', 'federation', 'Federation'],
  ['Rewards', 'stake', 'Stake'],
  ['Rewards', 'token', 'TributaryToken'],
  ['Rewards', 'rewardChallenges', 'RewardChallenges'],
  ['Policy', 'owner', 'Treasury'],
  ['Policy', 'federation', 'Federation'],
  ['Policy', 'rewards', 'Rewards'],
  ['VotingPower', 'token', 'TributaryToken'],
  ['VotingPower', 'stake', 'Stake'],
  ['VotingPower', 'factory', 'FederationFactory'],
  ['VotingPower', 'owner', 'Treasury'],
  ['TributaryGovernor', 'token', 'VotingPower'],
  ['TributaryGovernor', 'timelock', 'Treasury'],
  ['TributaryGovernor', 'governedCalls', 'GovernedCalls'],
  ['GovernedCalls', 'token', 'TributaryToken'],
  ['GovernedCalls', 'stake', 'Stake'],
  ['GovernedCalls', 'votingPower', 'VotingPower'],
  ['GovernedCalls', 'factory', 'FederationFactory'],
  ['GovernedCalls', 'timelock', 'Treasury'],
  ['GovernedCalls', 'governor', 'TributaryGovernor'],
  ['FederationFactory', 'owner', 'Treasury'],
];

async function examineWiring(patient: Patient): Promise<Finding[]> {
  return await Promise.all(
    links.map(async ([contract, method, expected]) => {
      const answer = (await ask(patient, contract, method)) as string;
      const right = patient.at[expected];
      const same = getAddress(answer) === getAddress(right);
      const problem = same ? undefined : `it is ${answer}, not the ${expected} at ${right}`;
      return { check: `${method} of ${contract}`, problem };
    }),
  );
}

/** Who may void proposals and slash: no more than should be, as far as events tell, and no fewer. */
async function examineChallenges(patient: Patient): Promise<Finding[]> {
  const { at } = patient;
  const deciding = challengeContracts.filter((name) => name !== 'RewardChallenges');
  const findings = deciding.map(async (name) => {
    const decides = await ask(patient, 'Federation', 'isChallengeContract', at[name]);
    return { check: `${name} decides challenges`, problem: decides ? undefined : 'the federation does not know it' };
  });
  const started = (['Policy', 'Rewards'] as const).map(async (name) => {
    const known = await ask(patient, 'FederationFactory', `isStarted${name}`, at[name]);
    return { check: `${name} is governed`, problem: known ? undefined : 'no vote has started this federation' };
  });
  return await Promise.all([...findings, ...started]);
}

const roles: Record<string, { role: string; holder: (at: Patient['at']) => string }> = {
  'administrators of the treasury': { role: ZeroHash, holder: (at) => at.Treasury },
  'proposers of the treasury': { role: id('PROPOSER_ROLE'), holder: (at) => at.TributaryGovernor },
  'cancellers of the treasury': { role: id('CANCELLER_ROLE'), holder: (at) => at.TributaryGovernor },
  // anyone executes
  'executors of the treasury': { role: id('EXECUTOR_ROLE'), holder: () => ZeroAddress },
};

async function examineRoles(patient: Patient): Promise<Finding[]> {
  const { provider, at, deployBlock } = patient;
  const { events } = await createEventFeed(provider, at.Treasury, 'Treasury', deployBlock).poll();
  const holders = new Map<string, Set<string>>();
  for (const { name, args } of events) {
    if (name !== 'RoleGranted' && name !== 'RoleRevoked') continue;
    const known = holders.get(args.role as string) ?? new Set<string>();
    if (name === 'RoleGranted') known.add(args.account as string);
    else known.delete(args.account as string);
    holders.set(args.role as string, known);
  }
  return Object.entries(roles).map(([check, { role, holder }]) => {
    const expected = holder(at);
    const found = [...(holders.get(role) ?? [])];
    const foreign = found.filter((account) => account !== expected);
    if (foreign.length > 0) return { check, problem: `${foreign.join(', ')} must not be one` };
    return { check, problem: found.length === 1 ? undefined : `${expected} must be one` };
  });
}

/** Who misses them loses stake. */
const costlyWindows = new Set(['scoringSeconds', 'revealSeconds', 'publishSeconds', 'answerSeconds']);

/** Each within its bounds, all of them together as the policy checks them, and in force what was chosen. */
async function examineParameters(patient: Patient): Promise<Finding[]> {
  const client = openGovernance(patient.provider, patient.addresses, patient.deployBlock);
  const findings: Finding[] = [];
  const windows: Record<string, number> = {};
  for (const setting of settings) {
    const { name, unit } = setting;
    const { minimum, maximum } = await client.readBounds(setting);
    const value = await client.readSetting(setting);
    const { format } = units[unit];
    if (costlyWindows.has(setting.field)) windows[name] = Number(value);
    const within = value >= minimum && value <= maximum;
    const problem = within ? undefined : `${format(value)} is not from ${format(minimum)} to ${format(maximum)}`;
    findings.push({ check: `parameter ${name}`, problem });
  }
  const refused = await rehearse([await encodeUnchanged(client)], client).catch((error: Error) => [error.message]);
  findings.push({ check: 'parameters together', problem: refused[0] });
  findings.push({ check: 'parameters in force', problem: await differenceInForce(patient) });
  const short = await findShortWindow(patient.provider, patient.addresses.chainId, windows);
  findings.push({ check: 'windows in which who is late loses stake', problem: short });
  return findings;
}

async function differenceInForce(patient: Patient): Promise<string | undefined> {
  const { changeWaits } = (await ask(patient, 'Policy', 'halt')) as Result;
  if (changeWaits) return undefined;
  const chosen = (await ask(patient, 'Policy', 'federationParameters')) as Result;
  const inForce = (await ask(patient, 'Federation', 'parameters')) as Result;
  const names = Object.keys(chosen.toObject());
  const different = names.filter((name) => chosen[name] !== inForce[name]);
  if (different.length === 0) return undefined;
  return `the federation has others than its policy: ${different.join(', ')}`;
}

async function ask({ provider, at }: Patient, contract: SystemContract, method: string, ...args: unknown[]) {
  const abi = contractInterface(contract) as unknown as InterfaceAbi;
  return await new Contract(at[contract], abi, provider).getFunction(method)(...args);
}
