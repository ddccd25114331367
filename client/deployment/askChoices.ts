/** Asks a person for what a federation is rarely like the others in; all else is edited in the file. */
import type { z } from 'zod/v4';
import {
  type FederationConfig,
  type FederationConfigInput,
  federationConfigSchema,
  parseFederationConfig,
} from './config.ts';

const asked = ['name', 'startTrainers', 'rule', 'rewardPerRound', 'trainerStake'] as const;

/** An empty answer takes the default; one that cannot be is asked for again, and `say` tells why. */
export async function askChoices(
  defaults: FederationConfigInput,
  ask: (question: string) => Promise<string>,
  say: (text: string) => void,
): Promise<FederationConfig> {
  let chosen = defaults;
  for (const field of asked) {
    const { description } = federationConfigSchema.shape[field] as z.ZodType;
    const known = String(parseFederationConfig(chosen)[field]);
    for (;;) {
      const answer = (await ask(`${description}\n  ${field} [${known}]: `)).trim();
      if (answer === '') break;
      try {
        const value = typeof parseFederationConfig(chosen)[field] === 'number' ? Number(answer) : answer;
        const next = { ...chosen, [field]: value };
        parseFederationConfig(next);
        chosen = next;
        break;
      } catch (error) {
        say((error as Error).message);
      }
    }
  }
  return parseFederationConfig(chosen);
}
