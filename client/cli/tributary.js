#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say what is wrong. TypeScript runs as it is from Node 22.18 on.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const own = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));

if (process.features.typescript) {
  await import('./main.ts');
} else if (existsSync(own)) {
  // the project brings a Node of its own
  const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  process.stderr.write(
    `Tributary runs on Node 22.18 or newer, this is ${process.version}: run \`npm install\`, which brings one, or update Node.\n`,
  );
  process.exit(1);
}
