#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say what is wrong. TypeScript runs as it is from Node 22.18 on.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const modules = new URL('../../node_modules/', import.meta.url);
const own = fileURLToPath(new URL('node/bin/node', modules));

if (process.features.typescript) {
  // compiled code is kept: the next start is faster
  module.enableCompileCache?.(fileURLToPath(new URL('.cache/tributary', modules)));
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
