/** The options that every role shares. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod/v4';
import { addressSchema } from '../chain/address.ts';
import { parseWith } from '../core/task.ts';
import { isRetentionText, retentionSchema } from '../participant/rounds/retention.ts';
import { isPublicAddress } from './publicAddress.ts';

const notRpcUrl = 'an http or https address';
const rpcUrl = z.url({ protocol: /^https?$/, error: notRpcUrl });
/** Of the chain's currency, or of gwei. */
const amount = z.coerce.string().regex(/^\d{1,12}(\.\d{1,9})?$/, 'an amount such as 30 or 0.05');

export const nodeOptionsSchema = z.object({
  deployment: z.string(),
  data: z.string(),
  devAccount: z.int().min(0).max(1000).optional(),
  keystore: z.string().optional(),
  rpc: z.union([rpcUrl, z.array(rpcUrl).min(1)], { error: notRpcUrl }).optional(),
  maxFeeGwei: amount.optional(),
  maxSpend: amount.optional(),
  /** Of programs that have it from elsewhere: no option of the command line. */
  privateKey: z.string().optional(),
  store: z.enum(['embedded', 'kubo', 'helia']).default('embedded'),
  kuboApi: z.url({ error: 'an address such as http://127.0.0.1:5001' }).default('http://127.0.0.1:5001'),
  kuboGateway: z
    .string()
    .refine((text) => isPublicAddress(text) && !text.startsWith('/'), {
      error: 'an address such as http://127.0.0.1:8080, by which others reach the gateway',
    })
    .default('http://127.0.0.1:8080'),
  listen: z
    .string()
    .regex(/^([^\s]+:\d{1,5}|off)$/, 'host:port, for example 127.0.0.1:4800, or off')
    .default('127.0.0.1:0'),
  publicUrl: z
    .array(
      z
        .string()
        .refine(isPublicAddress, {
          error:
            'a base URL such as https://node.example/tributary, or for Helia a multiaddr, by which others reach this node',
        })
        .transform((text) => text.replace(/(?<=^http.*)\/+$/, '')),
    )
    .optional(),
  allowPrivatePeers: z.boolean().optional(),
  pollMs: z.int().min(10).max(60_000).default(500),
  rounds: z.int().min(1).optional(),
  payee: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'an address: 0x and 40 hex digits')
    .optional(),
  topUp: z.boolean().default(false),
  keepUpdates: retentionSchema.default(2),
  account: addressSchema.optional(),
  json: z.boolean().default(false),
});

/** The options of a role that have been checked. */
export type NodeOptions = z.infer<typeof nodeOptionsSchema>;
/** As a program gives them: what it leaves out has a default. */
export type NodeOptionsInput = z.input<typeof nodeOptionsSchema>;

/** Of who takes part, with an account. */
export function addNodeOptions(command: Command): Command {
  return addProcessOptions(command)
    .option('--account <address>', 'the account that is a contract, for which the key works (tributary account)')
    .option('--payee <address>', 'who gets what a new account earns (default: the account itself, or its owner)')
    .option(
      '--keep-updates <rounds>',
      'final rounds whose updates stay served: a number, a time such as 36h or 365d, or all',
      retention,
      2,
    )
    .option('--top-up', 'replace stake that was lost, from the account');
}

/** Of every process. */
export function addProcessOptions(command: Command): Command {
  return command
    .option('--deployment <file>', 'where the federation lives', 'deployments/localhost.json')
    .requiredOption('--data <folder>', "the process's own folder: blobs, updates not yet served")
    .option('--dev-account <index>', 'key number <index> of the local development chain', integer)
    .option('--keystore <file>', 'encrypted key; the password is read from TRIBUTARY_PASSWORD')
    .option(
      '--rpc <url>',
      'JSON-RPC address of a node of the chain (default: as in the deployment); given again, of another that stands in for it, and both are compared',
      repeated,
    )
    .option('--max-fee-gwei <gwei>', 'pay no more for a unit of gas: what costs more waits, unless waiting costs stake')
    .option('--max-spend <amount>', "pay no more of the chain's currency within 24 hours, unless waiting costs stake")
    .addOption(
      new Option('--store <backend>', 'where blobs live').choices(['embedded', 'kubo', 'helia']).default('embedded'),
    )
    .option('--kubo-api <url>', 'RPC address of the Kubo daemon', 'http://127.0.0.1:5001')
    .option('--kubo-gateway <url>', 'gateway of the Kubo daemon, as others reach it', 'http://127.0.0.1:8080')
    .option('--listen <host:port>', 'where to serve blobs; port 0 takes a free one, off serves nobody', '127.0.0.1:0')
    .option(
      '--public-url <url>',
      'address by which others reach this node, where that is not the one it listens on; again for a second one (Kubo, Helia)',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option(
      '--allow-private-peers',
      'ask peers at private, loopback and link-local addresses too (default: of the kind that this node has itself)',
    )
    .option(
      '--poll-ms <milliseconds>',
      'how often to look at the chain where it does not announce blocks',
      integer,
      500,
    )
    .option('--rounds <count>', 'stop after so many rounds', integer)
    .option('--json', 'print events as JSON, one a line')
    .addHelpText('after', '\nThe key is read from TRIBUTARY_PRIVATE_KEY, or from --keystore.');
}

/** Errors: CONFIG_INVALID, naming the option. */
export function parseNodeOptions(options: unknown): NodeOptions {
  return parseWith(nodeOptionsSchema, options, 'option');
}

/** For an option that may be given several times. */
export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** As the schema takes it. */
export function retention(text: string): number | string {
  if (isRetentionText(text)) return text;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of rounds, 1 or more, or a time such as 36h or 365d, or all.');
}

export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
