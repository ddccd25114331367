import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import { keccak256, toHex } from '../client/core/hash.ts';
import { base64Lines } from './base64Lines.ts';

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
  return `/** The WebAssembly binary of assembly/. Written by scripts/build-kernels.ts: do not edit. */
export const kernelsBinary = {
  hash: '${toHex(keccak256(binary))}',
  base64: [
${base64Lines(binary)}
  ].join(''),
};
`;
}
