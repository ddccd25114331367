/** What calls do, in words, read from the calls themselves: a voter need not believe what a proposal's author says. */
import { decodeBytes32String, formatEther, getAddress, type Interface, type Result, ZeroAddress } from 'ethers';
import { ruleOf } from '../chain/parameters.ts';
import { contractInterface } from '../contracts/contracts.ts';
import { formatRule } from '../core/rules/parseRule.ts';
import { documents, documentWords } from './actions.ts';
import type { Call } from './call.ts';
import type { Change } from './change.ts';
import { fundingTerms, type GovernanceClient } from './client.ts';
import { type GovernedName, governedContracts } from './governed.ts';
import { type SettingHolder, settingByField, settings } from './settings.ts';
import { readTask } from './taskTerms.ts';
import { formatDigest, units } from './units.ts';

/** A call that no part of the catalogue can read: it may do anything that governance may. */
export interface UnreadCall {
  call: Call;
  why: string;
}

/** Undefined for arguments that cannot be put into words. */
type Reader = (args: Result, client: GovernanceClient) => Promise<Change[] | undefined> | Change[] | undefined;

const readers: Partial<Record<GovernedName, Record<string, Reader>>> = {
  policy: {
    setFederationParameter: (args, client) => readParameter('federation', args, client),
    setRewardParameter: (args, client) => readParameter('rewards', args, client),
    async setRule(args, client) {
      const chosen = (await client.read('policy', 'federationParameters')) as Result;
      const now = formatRule(ruleOf(chosen.rule, chosen.trimBasisPoints));
      const next: string | undefined = formatRule(ruleOf(args.rule, args.trimBasisPoints));
      if (next === undefined) return undefined;
      return [{ subject: 'rule', words: 'how updates become the next model', now, next }];
    },
    async setDocument(args, client) {
      const name = readName(args.name as string);
      const place = (documents as readonly (string | undefined)[]).indexOf(name);
      if (place < 0) return undefined;
      const chosen = (await client.read('policy', 'documents')) as Result;
      const now = formatDigest(chosen[place] as string);
      return [
        {
          subject: name!,
          words: documentWords[name as (typeof documents)[number]],
          now,
          next: formatDigest(args.cid as string),
        },
      ];
    },
    async eject({ account }, client) {
      const barred = (await client.read('policy', 'isBarred', account)) as boolean;
      const next = 'barred, and removed at the next round boundary; its stake stays its own';
      return [{ subject: account as string, words: 'a participant', now: barred ? 'barred' : 'may take part', next }];
    },
    async readmit({ account }, client) {
      const barred = (await client.read('policy', 'isBarred', account)) as boolean;
      const now = barred ? 'barred' : 'may take part';
      return [{ subject: account as string, words: 'a participant', now, next: 'may take part again' }];
    },
    async setGuardian(args, client) {
      const { guardian } = (await client.read('policy', 'halt')) as Result;
      const [now, next] = [guardian, args[0]].map((account) => (account === ZeroAddress ? 'nobody' : String(account)));
      return [{ subject: 'guardian', words: 'who may pause new rounds for a week at most', now, next: next! }];
    },
    unpause: () => [{ subject: 'pause', words: 'that the guardian has begun', next: 'ends at once' }],
    allowPause: () => [{ subject: 'guardian', words: 'who may pause new rounds', next: 'may pause once more' }],
    restoreBalances: ([round, coverGwei]) => {
      const next = round === 0n ? 'are as before the first rewards' : `are those of round ${round} again`;
      const cover = `${units.tokensGwei.format(coverGwei as bigint)} more of it may be claimed`;
      return [
        { subject: 'final balances', words: 'what is claimed and what reputation weighs', next },
        { subject: 'rewards in flight', words: 'statements that are not final', next: 'are void, and made anew' },
        { subject: 'pool of rewards', words: 'to cover what wrong balances have taken', next: cover },
      ];
    },
    releasePool: () => [
      { subject: 'pool of rewards', words: 'what no statement has given away', next: 'is paid to the treasury' },
    ],
    retire: () => [
      { subject: 'federation', words: 'with all that is underway', next: 'opens no round any more, for ever' },
    ],
  },
  token: {
    transfer: (args, client) => readSpending(args, client, 'is sent to'),
    approve: (args, client) => readSpending(args, client, 'may be taken by'),
  },
  rewards: {
    fund: ([amountWei]) => {
      const next = `${formatTokens(amountWei)} of the treasury for it`;
      return [{ subject: 'pool of rewards', words: 'what rounds are paid from', next }];
    },
  },
  stake: {
    setTreasuryBasisPoints: (args, client) => readSettings('stake', args, client),
    claimOwed: () => [{ subject: 'treasury', words: 'its share of slashes', next: 'is paid to it' }],
  },
  votingPower: { setFundingTerms: (args, client) => readSettings('votingPower', args, client) },
  treasury: { updateDelay: (args, client) => readSettings('treasury', args, client) },
  factory: {
    startTask: ([id], client) => readTask(id as string, client),
  },
  governor: Object.fromEntries(
    settings
      .filter(({ holder }) => holder === 'governor')
      .map(({ setter, field }): [string, Reader] => [
        setter!,
        (args, client) => readSettings('governor', args, client, [field]),
      ]),
  ),
};

/** Errors: CHAIN_UNREACHABLE. */
export async function readCall(call: Call, client: GovernanceClient): Promise<Change[] | UnreadCall> {
  const contract = (Object.keys(governedContracts) as GovernedName[]).find(
    (name) => getAddress(client.addresses[name]) === getAddress(call.target),
  );
  if (call.data === '0x' && call.valueWei > 0n) return [readSpentCurrency(call)];
  if (contract === undefined) return { call, why: 'its target is no contract of this federation' };
  const abi: Interface = contractInterface(governedContracts[contract]);
  const fragment = abi.getFunction(call.data.slice(0, 10));
  const reader = fragment && readers[contract]?.[fragment.name];
  if (fragment === null || reader === null || reader === undefined)
    return { call, why: `it is no known function of the ${contract}` };
  let args: Result;
  try {
    args = abi.decodeFunctionData(fragment, call.data);
    // what is written in another way could hide something
    const same = abi.encodeFunctionData(fragment, [...args]) === call.data.toLowerCase();
    if (!same || call.valueWei !== 0n) return { call, why: `it is an unusual call of ${fragment.name}` };
  } catch {
    return { call, why: `its arguments are not those of ${fragment.name}` };
  }
  return (await reader(args, client)) ?? { call, why: `it gives ${fragment.name} a name that there is not` };
}

async function readParameter(
  holder: SettingHolder,
  args: Result,
  client: GovernanceClient,
): Promise<Change[] | undefined> {
  const field = readName(args.name as string);
  return field === undefined ? undefined : await readSettings(holder, [args.value], client, [field]);
}

/** One value for each field, in their order. */
async function readSettings(
  holder: SettingHolder,
  values: readonly unknown[],
  client: GovernanceClient,
  fields: readonly string[] = fieldsOf(holder),
): Promise<Change[] | undefined> {
  const found = fields.map((field) => settingByField(holder, field));
  if (!found.every((setting) => setting !== undefined)) return undefined;
  return await Promise.all(
    found.map(async (setting, index) => {
      const { format } = units[setting.unit];
      const now = format(await client.readSetting(setting));
      return { subject: setting.name, words: setting.words, now, next: format(BigInt(values[index] as bigint)) };
    }),
  );
}

function fieldsOf(holder: SettingHolder): readonly string[] {
  if (holder === 'votingPower') return fundingTerms;
  return settings.filter((setting) => setting.holder === holder).map(({ field }) => field);
}

async function readSpending([to, amountWei]: Result, client: GovernanceClient, verb: string): Promise<Change[]> {
  const { rewards, treasury } = client.addresses;
  const balanceWei = await client.read('token', 'balanceOf', treasury);
  const whom = to === rewards ? `${to}, the pool of rewards` : to;
  const now = `${formatTokens(balanceWei)} in it`;
  return [{ subject: 'treasury', words: 'its tokens', now, next: `${formatTokens(amountWei)} ${verb} ${whom}` }];
}

function readSpentCurrency({ target, valueWei }: Call): Change {
  const next = `${formatEther(valueWei)} is sent to ${target}`;
  return { subject: 'treasury', words: "the chain's own currency in it", next };
}

function readName(name: string): string | undefined {
  try {
    return decodeBytes32String(name);
  } catch {
    return undefined;
  }
}

function formatTokens(wei: unknown): string {
  return units.tokensWei.format(wei as bigint);
}
