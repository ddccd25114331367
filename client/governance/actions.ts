/** Everything that can be voted on: its name, how it is written, and the calls that it becomes. `changes.ts` reads them again. */

import { encodeBytes32String, ZeroAddress } from 'ethers';
import { ruleFields } from '../chain/parameters.ts';
import { contractInterface } from '../contracts/contracts.ts';
import type { ContractName } from '../contracts/names.ts';
import { TributaryError } from '../core/errors.ts';
import { nearestName } from '../core/nearestName.ts';
import { parseRule } from '../core/rules/parseRule.ts';
import { one, pairs, parseAddress, parseDigest, several, wrong } from './arguments.ts';
import type { Call } from './call.ts';
import { fundingTerms, type GovernanceClient } from './client.ts';
import { type GovernedMethod, type GovernedName, governedContracts } from './governed.ts';
import { findSetting, type Setting, settings } from './settings.ts';
import { parseValue, units } from './units.ts';

export interface GovernedAction {
  name: string;
  /** What follows the name on the command line. */
  usage: string;
  words: string;
  /** Errors: CONFIG_INVALID. */
  encode(args: readonly string[], client: GovernanceClient): Promise<Call[]>;
}

export const documents = ['manifest', 'licence', 'terms'] as const;
export const documentWords: Record<(typeof documents)[number], string> = {
  manifest: 'the model and its training plan',
  licence: 'the licence of the model',
  terms: 'the terms of use of the model',
};

export const actions: readonly GovernedAction[] = [
  {
    name: 'set-parameter',
    usage: '<name> <value> …',
    words: 'sets one or several parameters (`tributary governance parameters` lists them)',
    encode: async (args, client) => await encodeSettings(pairs(args), client),
  },
  {
    name: 'set-rule',
    usage: '<mean | median | trimmedMean:<share>>',
    words: 'how updates become the next model',
    async encode(args, client) {
      const { rule, trimBasisPoints } = ruleFields(parseRule(one(args, 'rule')));
      return [callOf(client, 'policy', 'setRule', [rule, trimBasisPoints])];
    },
  },
  {
    name: 'set-document',
    usage: '<manifest | licence | terms> <CID | none>',
    words: 'the model and its training plan, its licence, or its terms of use',
    async encode(args, client) {
      const [name, cid] = several(args, ['document', 'CID']);
      if (!documents.some((known) => known === name)) {
        throw wrong('document', name, `there are: ${documents.join(', ')}`);
      }
      return [callOf(client, 'policy', 'setDocument', [encodeBytes32String(name), parseDigest(cid)])];
    },
  },
  {
    name: 'spend',
    usage: '<tokens> <address>',
    words: 'sends tokens of the treasury',
    async encode(args, client) {
      const [tokens, to] = several(args, ['tokens', 'address']);
      const amountWei = parseValue('tokensWei', 'tokens', tokens);
      return [callOf(client, 'token', 'transfer', [parseAddress(to), amountWei])];
    },
  },
  {
    name: 'spend-currency',
    usage: '<amount> <address>',
    words: "sends the chain's own currency of the treasury",
    async encode(args) {
      const [amount, to] = several(args, ['amount', 'address']);
      const valueWei = parseValue('currencyWei', 'amount', amount);
      return [{ target: parseAddress(to), valueWei, data: '0x' }];
    },
  },
  {
    name: 'fund-rewards',
    usage: '<tokens>',
    words: 'moves tokens of the treasury to the pool that rewards are paid from',
    async encode(args, client) {
      const amountWei = parseValue('tokensGwei', 'tokens', one(args, 'tokens')) * 10n ** 9n;
      return [
        callOf(client, 'token', 'approve', [client.addresses.rewards, amountWei]),
        callOf(client, 'rewards', 'fund', [amountWei]),
      ];
    },
  },
  {
    name: 'eject',
    usage: '<address>',
    words: 'bars an account and removes it at the next round boundary; its stake stays its own',
    encode: async (args, client) => [callOf(client, 'policy', 'eject', [parseAddress(one(args, 'address'))])],
  },
  {
    name: 'readmit',
    usage: '<address>',
    words: 'lets a barred account join again',
    encode: async (args, client) => [callOf(client, 'policy', 'readmit', [parseAddress(one(args, 'address'))])],
  },
  {
    name: 'set-guardian',
    usage: '<address | none>',
    words: 'who may pause new rounds for a week at most',
    async encode(args, client) {
      const text = one(args, 'address');
      return [callOf(client, 'policy', 'setGuardian', [text === 'none' ? ZeroAddress : parseAddress(text)])];
    },
  },
  plain('unpause', 'policy', 'unpause', "ends the guardian's pause"),
  plain('allow-pause', 'policy', 'allowPause', 'lets the guardian pause once more'),
  plain('collect-slashes', 'stake', 'claimOwed', 'collects what slashes have brought the treasury'),
  plain('retire', 'policy', 'retire', 'ends the federation: no round opens any more'),
  plain('release-pool', 'policy', 'releasePool', 'after retiring: gives the treasury what the pool owes nobody'),
  {
    name: 'restore-balances',
    usage: '<round> <tokens>',
    words:
      'after wrong rewards that nobody refuted: makes the balances of an earlier round count again (0: none); so many tokens more of the pool cover what was taken',
    async encode(args, client) {
      const [round, tokens] = several(args, ['round', 'tokens']);
      const number = parseValue('count', 'round', round);
      if (number >= 2n ** 31n) throw wrong('round', round, 'there is none of this number');
      const coverGwei = parseValue('tokensGwei', 'tokens', tokens);
      if (coverGwei >= 2n ** 64n) throw wrong('tokens', tokens, 'so many there are not');
      return [callOf(client, 'policy', 'restoreBalances', [number, coverGwei])];
    },
  },
  {
    name: 'start-task',
    usage: '<task id>',
    words: 'makes a task that was deployed governed, and lists it',
    async encode(args, client) {
      const id = one(args, 'task id');
      if (!/^0x[0-9a-fA-F]{64}$/.test(id)) throw wrong('task id', id, 'write it as 0x and 64 hex digits');
      return [callOf(client, 'factory', 'startTask', [id])];
    },
  },
];

/** Errors: CONFIG_INVALID, with the nearest name. */
export function findAction(name: string): GovernedAction {
  const found = actions.find((action) => action.name === name);
  if (found !== undefined) return found;
  const names = actions.map((action) => action.name);
  throw new TributaryError(
    'CONFIG_INVALID',
    `"${name}" cannot be voted on; did you mean ${nearestName(name, names)}? There are: ${names.join(', ')}.`,
    { args: { field: 'action' } },
  );
}

function plain<G extends GovernedName>(
  name: string,
  contract: G,
  method: GovernedMethod<G>,
  words: string,
): GovernedAction {
  return {
    name,
    usage: '',
    words,
    async encode(args, client) {
      several(args, []);
      return [callOf(client, contract, method, [])];
    },
  };
}

function callOf<G extends GovernedName>(
  client: GovernanceClient,
  contract: G,
  method: GovernedMethod<G>,
  args: readonly unknown[],
): Call {
  const data = contractInterface<ContractName>(governedContracts[contract]).encodeFunctionData(method, args);
  return { target: client.addresses[contract], valueWei: 0n, data };
}

/** Errors: CONFIG_INVALID, naming the parameter and its bounds. */
async function encodeSettings(given: readonly [string, string][], client: GovernanceClient): Promise<Call[]> {
  const chosen = new Map<Setting, bigint>();
  for (const [name, text] of given) {
    const setting = findSetting(name);
    if (chosen.has(setting)) throw wrong('parameter', name, 'name each only once');
    chosen.set(setting, await parseWithin(setting, text, client));
  }
  const single = [...chosen].filter(([{ holder }]) => holder !== 'votingPower');
  const calls = single.map(([setting, value]) => encodeSetting(setting, value, client));
  return single.length === chosen.size ? calls : [...calls, await encodeFundingTerms(chosen, client)];
}

async function parseWithin(setting: Setting, text: string, client: GovernanceClient): Promise<bigint> {
  const value = parseValue(setting.unit, setting.name, text);
  const { minimum, maximum } = await client.readBounds(setting);
  if (value >= minimum && value <= maximum) return value;
  throw outOfBounds(setting, value, minimum, maximum);
}

export function outOfBounds({ name, unit }: Setting, value: bigint, minimum: bigint, maximum: bigint): TributaryError {
  const { format } = units[unit];
  return new TributaryError(
    'CONFIG_INVALID',
    `${name}: ${format(value)} is out of its bounds: it must be from ${format(minimum)} to ${format(maximum)}.`,
    { args: { field: name, value, minimum, maximum } },
  );
}

function encodeSetting({ holder, field, setter }: Setting, value: bigint, client: GovernanceClient): Call {
  switch (holder) {
    case 'federation':
      return callOf(client, 'policy', 'setFederationParameter', [encodeBytes32String(field), value]);
    case 'rewards':
      return callOf(client, 'policy', 'setRewardParameter', [encodeBytes32String(field), value]);
    default:
      return callOf<GovernedName>(client, holder, setter!, [value]);
  }
}

/** Both are set at once: the one that is not given stays as it is. */
async function encodeFundingTerms(chosen: ReadonlyMap<Setting, bigint>, client: GovernanceClient): Promise<Call> {
  const terms = settings.filter(({ holder }) => holder === 'votingPower');
  const values = await Promise.all(terms.map((term) => chosen.get(term) ?? client.readSetting(term)));
  const ordered = fundingTerms.map((field) => values[terms.findIndex((term) => term.field === field)]!);
  return callOf(client, 'votingPower', 'setFundingTerms', ordered);
}

/** Sets the first parameter of the policy to what it is: all of them are checked together. */
export async function encodeUnchanged(client: GovernanceClient): Promise<Call> {
  const [setting] = settings as readonly [Setting];
  return encodeSetting(setting, await client.readSetting(setting), client);
}
