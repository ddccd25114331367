/** Compiles assembly/ to client/core/kernels/module.ts: `node scripts/build-kernels.ts`. A test compares the two. */
import { writeFile } from 'node:fs/promises';
import { compileKernels, moduleSource } from './compile-kernels.ts';

const path = new URL('../client/core/kernels/module.ts', import.meta.url);
await writeFile(path, moduleSource(await compileKernels()));
