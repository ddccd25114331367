import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { z } from 'zod/v4';
import { TributaryError } from '../core/errors.ts';
import { federationConfigSchema, parseFederationConfig } from '../deployment/config.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

export function createInitCommand(): Command {
  const command = new Command('init')
    .description('writes tributary.json, the commented configuration of a federation of your own')
    .option('--file <path>', 'where to write it', 'tributary.json')
    .option('--name <name>', 'name of the federation', 'digits');
  return addJsonOption(command).action(action(init));
}

async function init({ file, name, json }: { file: string; name: string; json?: boolean }): Promise<void> {
  if (existsSync(file)) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `--file: ${file} exists already: choose another name, or remove it first.`,
    );
  }
  const config = parseFederationConfig({ name });
  writeWhole(file, renderConfig(federationConfigSchema, config));
  if (json) printJson({ event: 'written', file });
  else {
    print(`Wrote ${file}. Edit it, then:`);
    print(`  npx tributary start --config ${file}   tries it on this machine`);
    print(`  npx tributary deploy --config ${file} --rpc <url>   makes it a federation that others can join`);
  }
}

/** JSON with every field's description above it: the schema is its own documentation. */
export function renderConfig(schema: z.ZodObject, values: Record<string, unknown>, indent = ''): string {
  const inner = `${indent}  `;
  const fields = Object.entries(schema.shape)
    .filter(([key]) => values[key] !== undefined)
    .map(([key, field]) => {
      const comment = `${inner}// ${(field as z.ZodType).description ?? ''}`;
      const nested = objectBehind(field as z.ZodType);
      const value = values[key];
      const text = nested
        ? renderConfig(nested, value as Record<string, unknown>, inner).trimEnd()
        : JSON.stringify(value);
      return `${comment}\n${inner}${JSON.stringify(key)}: ${text}`;
    });
  return `{\n${fields.join(',\n')}\n${indent}}\n`;
}

/** The object schema inside of defaults. */
function objectBehind(schema: z.ZodType): z.ZodObject | undefined {
  const { def } = schema as unknown as { def: { type: string; innerType?: z.ZodType } };
  if (def.type === 'object') return schema as z.ZodObject;
  return def.innerType === undefined ? undefined : objectBehind(def.innerType);
}
