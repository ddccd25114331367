/**
 * How long each process takes until it says `started`, by the clock and in processor seconds, the first time (nothing is compiled yet) and
 * later. Linux only. Run: node bench/starts.ts
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectChain } from '../client/chain/connect.ts';
import { defaultChoices } from '../client/deployment/choices.ts';
import { manifestOf, parseFederationConfig } from '../client/deployment/config.ts';
import { deployFederation } from '../client/deployment/deploy.ts';
import { startAnvil } from '../client/localnet/anvil.ts';
import { developmentWallet } from '../client/node/key.ts';
import { modulePath } from '../client/node/modulePath.ts';
import type { NodeEvent } from '../client/participant/events.ts';

const roles = ['trainer', 'aggregator', 'evaluator', 'watchtower'] as const;
const ticksPerSecond = 100;
const folder = mkdtempSync(join(tmpdir(), 'tributary-starts-'));
const chain = await startAnvil(0);
const provider = await connectChain(chain.rpcUrl);
const { manifest } = await manifestOf(
  parseFederationConfig({ name: 'starts', model: { kind: '2nn', inputShape: [784], classes: 10 } }),
);
const file = join(folder, 'deployment.json');
const accounts = roles.map((_, index) => ({ account: developmentWallet(index + 1).address, tokens: 10_000 }));
await deployFederation({
  provider,
  wallet: developmentWallet(0),
  name: 'starts',
  rpcUrl: chain.rpcUrl,
  manifest,
  choices: defaultChoices,
  grants: accounts,
  file,
});

async function start(role: (typeof roles)[number], compiled: string) {
  const program = modulePath(import.meta.url, `../client/${role}/main`);
  const account = String(roles.indexOf(role) + 1);
  const args = ['--deployment', file, '--data', join(folder, role), '--dev-account', account, '--json'];
  if (role === 'trainer') args.push('--source', 'mnist:1/5');
  if (role === 'evaluator') args.push('--source', 'mnist?set=heldOut');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if ((JSON.parse(line) as NodeEvent).event !== 'started') continue;
      const seconds = (performance.now() - startedAt) / 1000;
      // the 14th and 15th fields, of which the name in brackets is the second
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
      return { seconds, processorSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
    }
    throw new Error(`The ${role} ended before it had started.`);
  } finally {
    // it writes what it has compiled when it is told to end
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
  }
}

const rows = [];
for (const role of roles) {
  const compiled = join(folder, `compiled-${role}`);
  const first = await start(role, compiled);
  const later = await start(role, compiled);
  rows.push({
    role,
    'first, s': first.seconds.toFixed(2),
    'first, processor s': first.processorSeconds.toFixed(2),
    'later, s': later.seconds.toFixed(2),
    'later, processor s': later.processorSeconds.toFixed(2),
  });
}
console.table(rows);
provider.destroy();
chain.process.kill('SIGKILL');
rmSync(folder, { recursive: true, force: true });
process.exit();
