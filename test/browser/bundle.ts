import { build, type Metafile } from 'esbuild';

/** The public entry as a page loads it. Fails where something of Node.js is imported. */
export async function bundleForBrowser(): Promise<{ code: string; inputs: Metafile['inputs'] }> {
  const entry = new URL('../../client/index.ts', import.meta.url).pathname;
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0]!.text, inputs: metafile.inputs };
}
