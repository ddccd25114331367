/** What a vote would start: a task, read from its own policy, beside the one that the voters know. */
import { type Result, ZeroAddress } from 'ethers';
import { ruleOf } from '../chain/parameters.ts';
import { formatRule } from '../core/rules/parseRule.ts';
import { documents, documentWords } from './actions.ts';
import type { Change } from './change.ts';
import type { GovernanceClient } from './client.ts';
import type { GovernedMethod } from './governed.ts';
import { settings } from './settings.ts';
import { formatDigest, units } from './units.ts';

/** Undefined where it is not deployed: it could still become anything. Errors: CHAIN_UNREACHABLE. */
export async function readTask(id: string, client: GovernanceClient): Promise<Change[] | undefined> {
  const { policy, federation } = (await client.read('factory', 'contractsOf', id)) as Result;
  if ((await client.provider.getCode(federation as string)) === '0x') return undefined;
  const ask = async (method: GovernedMethod<'policy'>) =>
    (await client.readFrom(policy as string, 'policy', method)) as Result;
  const { guardian } = await ask('halt');
  const cids = await ask('documents');
  const parameters = await ask('federationParameters');
  return [
    {
      subject: `task ${id}`,
      words: `its federation is ${federation}`,
      next: 'is governed, and listed; who funds its rewards earns votes',
    },
    {
      subject: 'its guardian',
      words: 'who may pause its rounds for a week at most',
      next: guardian === ZeroAddress ? 'nobody' : (guardian as string),
    },
    ...documents.map((name, place) => ({
      subject: `its ${name}`,
      words: documentWords[name],
      next: formatDigest(cids[place] as string),
    })),
    {
      subject: 'its rule',
      words: 'how updates become the next model',
      next: formatRule(ruleOf(parameters.rule, parameters.trimBasisPoints)),
    },
    ...(await differences('federation', parameters, client)),
    ...(await differences('rewards', await ask('rewardParameters'), client)),
  ];
}

/** Only what is chosen otherwise than here. */
async function differences(
  holder: 'federation' | 'rewards',
  theirs: Result,
  client: GovernanceClient,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const setting of settings) {
    if (setting.holder !== holder) continue;
    const { name, words, field, unit } = setting;
    const [here, there] = [await client.readSetting(setting), BigInt(theirs[field] as bigint)];
    if (here === there) continue;
    const { format } = units[unit];
    changes.push({ subject: `its ${name}`, words, next: `${format(there)}, where here it is ${format(here)}` });
  }
  return changes;
}
