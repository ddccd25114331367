import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};

/** The modules that the package exports, by subpath: `./core` is client/core/index.ts. */
export const entryPoints: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(exports)
    .filter((entry): entry is [string, { default: string }] => typeof entry[1] === 'object')
    .map(([subpath, { default: module }]) => [subpath, module.replace('./dist/', 'client/').replace(/\.js$/, '.ts')]),
);
