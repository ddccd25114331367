/** The command line as a process: what it prints, its exit code. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endGroup, spawnGroup } from '../processGroup.ts';

const launcher = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** `execArgv` is Node's own. */
export async function tributary(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
  execArgv: readonly string[] = [],
): Promise<Outcome> {
  const options = { env: { ...process.env, ...env }, cwd };
  const child = spawnGroup(process.execPath, [...execArgv, launcher, ...args], options);
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]!.on('data', (data) => {
      said[stream] += data;
    });
  }
  try {
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...said };
  } finally {
    await endGroup(child);
  }
}
