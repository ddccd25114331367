#!/usr/bin/env node
// Plain JavaScript, so that an old Node can say what is wrong. The package runs as it was compiled; a checkout runs its TypeScript
// as it is, which takes a newer Node: the one that `npm ci` brings, where the own is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldest = [20, 3];
const checkout = fileURLToPath(new URL('../client/cli/main.ts', import.meta.url));
const compiled = new URL('../dist/cli/main.js', import.meta.url);
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  stop(
    `Tributary needs Node ${oldest.join('.')} or newer, this is ${process.version}: install a newer one from https://nodejs.org.`,
  );
} else if (!existsSync(checkout)) {
  keepCompiledCode();
  await import(compiled.href);
} else if (process.features.typescript) {
  keepCompiledCode();
  await import(checkout);
} else if (existsSync(own)) {
  const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  stop(
    `A checkout of Tributary runs on Node 22.18 or newer, this is ${process.version}: run \`npm ci\`, which brings one.`,
  );
}

// as client/node/compileCache.ts says; the next start is faster
function keepCompiledCode() {
  const base = process.env.XDG_CACHE_HOME ?? (homedir() ? join(homedir(), '.cache') : tmpdir());
  module.enableCompileCache?.(join(base, 'tributary', 'compiled'));
}

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
