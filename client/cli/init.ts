import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { TributaryError } from '../core/errors.ts';
import { askChoices } from '../deployment/askChoices.ts';
import {
  type FederationConfig,
  type FederationConfigInput,
  federationConfigSchema,
  parseFederationConfig,
} from '../deployment/config.ts';
import { configHints, deployableChoices } from '../deployment/configHints.ts';
import { renderConfig } from '../deployment/renderConfig.ts';
import { writeWhole } from '../storage/wholeFile.ts';
import { action, addJsonOption, print, printJson } from './action.ts';

interface InitOptions {
  file: string;
  name: string;
  yes?: boolean;
  json?: boolean;
}

export function createInitCommand(): Command {
  const command = new Command('init')
    .description('writes tributary.json, the commented configuration of a federation of your own')
    .option('--file <path>', 'where to write it', 'tributary.json')
    .option('--name <name>', 'name of the federation', 'digits')
    .option('-y, --yes', 'ask nothing: take the defaults, as without a terminal');
  return addJsonOption(command).action(action(init));
}

async function init({ file, name, yes, json }: InitOptions): Promise<void> {
  if (existsSync(file)) {
    throw new TributaryError(
      'CONFIG_INVALID',
      `--file: ${file} exists already: choose another name, or remove it first.`,
    );
  }
  const defaults = { ...deployableChoices, name };
  const asks = !yes && !json && process.stdin.isTTY && process.stdout.isTTY;
  const config = asks ? await askOnTerminal(defaults) : parseFederationConfig(defaults);
  writeWhole(file, renderConfig(federationConfigSchema, config, configHints));
  if (json) printJson({ event: 'written', file });
  else {
    print(`Wrote ${file}, which can be deployed as it is. Edit it, then:`);
    print(`  npx tributary start --config ${file}   tries it on this machine`);
    print(`  npx tributary deploy --config ${file} --rpc <url>   makes it a federation that others can join`);
  }
}

async function askOnTerminal(defaults: FederationConfigInput): Promise<FederationConfig> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await askChoices(defaults, (question) => terminal.question(question), print);
  } finally {
    terminal.close();
  }
}
