/** The Solidity compiler as a function: sources in, syntax trees and complaints out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

/** A node of the syntax tree, as the compiler gives it. */
// biome-ignore lint/suspicious/noExplicitAny: what members a node has depends on its kind
export type Node = { nodeType: string; src: string } & Record<string, any>;

export interface Complaint {
  message: string;
  formatted: string;
  file: string;
  /** In bytes of the file. */
  start: number;
}

interface Output {
  errors?: {
    severity: string;
    message: string;
    formattedMessage: string;
    sourceLocation?: { file: string; start: number };
  }[];
  sources?: Record<string, { ast: Node }>;
}

interface Solc {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } | { error: string } }): string;
}

/** Reads every Solidity file below a folder of the project; names are relative to it. */
export function readSources(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sol'));
  return new Map(files.sort().map((name) => [`contracts/${name}`, readFileSync(join(folder, name), 'utf8')]));
}

/** Types are checked, no code is made: a few seconds for the whole project. */
export function analyse(sources: Map<string, string>): { trees: Map<string, Node>; complaints: Complaint[] } {
  const solc = createRequire(import.meta.url)('solc') as Solc;
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings: { evmVersion: 'cancun', outputSelection: { '*': { '': ['ast'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readPackage })) as Output;
  const complaints = (output.errors ?? []).filter(({ severity }) => severity === 'error');
  return {
    trees: new Map(Object.entries(output.sources ?? {}).map(([name, { ast }]) => [name, ast])),
    complaints: complaints.map(({ message, formattedMessage, sourceLocation }) => ({
      message,
      formatted: formattedMessage,
      file: sourceLocation?.file ?? '',
      start: sourceLocation?.start ?? 0,
    })),
  };
}

function readPackage(path: string): { contents: string } | { error: string } {
  const file = join(root, 'node_modules', path);
  return existsSync(file) ? { contents: readFileSync(file, 'utf8') } : { error: `there is no ${path}` };
}
