import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const root = new URL('..', import.meta.url);
const options = ['--optimizeLevel', '3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort='];

/** The WebAssembly binary of assembly/. Errors: what the compiler says. */
export async function compileKernels(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['assembly/index.ts', '--outFile', 'kernels.wasm', ...options], {
    readFile: (name) => readFile(new URL(name, root), 'utf8').catch(() => null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error !== null || binary === undefined) throw new Error(`${error?.message}\n${stderr.toString()}`);
  return binary;
}

/** The TypeScript module that carries the binary, so that core needs no file system. */
export function moduleSource(binary: Uint8Array): string {
  const lines =
    Buffer.from(binary)
      .toString('base64')
      .match(/.{1,110}/g) ?? [];
  return `/** The WebAssembly binary of assembly/, base64. Written by scripts/build-kernels.ts: do not edit. */
export const kernelsBase64 = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
}
