/** Compiles test/symbolic as the contracts are compiled, and writes what Halmos reads into a folder: `out` as Foundry lays it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { argv, exit, stderr } from 'node:process';

const root = join(import.meta.dirname, '..');
const folder = join('test', 'symbolic');

interface Contract {
  abi: unknown[];
  metadata: string;
  storageLayout: unknown;
  evm: {
    bytecode: { object: string };
    deployedBytecode: { object: string };
    methodIdentifiers: Record<string, string>;
  };
}

interface Output {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, Contract>>;
  sources: Record<string, { id: number; ast: unknown }>;
}

const solc = createRequire(import.meta.url)('solc') as {
  compile(input: string, callbacks: { import(path: string): { contents: string } | { error: string } }): string;
};

function compile(): Output {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.sol'));
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      names.map((name) => [`${folder}/${name}`, { content: readFileSync(join(root, folder, name), 'utf8') }]),
    ),
    settings: {
      // as in hardhat.config.ts: what is proven is what is deployed
      viaIR: true,
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 10_000 },
      outputSelection: {
        '*': {
          '': ['ast'],
          '*': ['abi', 'metadata', 'storageLayout', 'evm.bytecode', 'evm.deployedBytecode', 'evm.methodIdentifiers'],
        },
      },
    },
  };
  return JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as Output;
}

function read(path: string): { contents: string } | { error: string } {
  const file = [join(root, path), join(root, 'node_modules', path)].find((candidate) => existsSync(candidate));
  return file === undefined ? { error: `there is no ${path}` } : { contents: readFileSync(file, 'utf8') };
}

function write(out: string, { contracts, sources }: Output): void {
  for (const [file, byName] of Object.entries(contracts)) {
    const { id, ast } = sources[file]!;
    mkdirSync(join(out, basename(file)), { recursive: true });
    for (const [name, { abi, metadata, storageLayout, evm }] of Object.entries(byName)) {
      const hex = (code: { object: string }) => ({ ...code, object: `0x${code.object}` });
      const artifact = {
        id,
        ast,
        abi,
        storageLayout,
        metadata: JSON.parse(metadata),
        methodIdentifiers: evm.methodIdentifiers,
        bytecode: hex(evm.bytecode),
        deployedBytecode: hex(evm.deployedBytecode),
      };
      writeFileSync(join(out, basename(file), `${name}.json`), JSON.stringify(artifact));
    }
  }
}

const out = argv[2];
if (out === undefined) {
  stderr.write('Say where to write the artifacts: node scripts/build-symbolic.ts <folder>\n');
  exit(1);
}
const output = compile();
const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
for (const { formattedMessage } of errors) stderr.write(formattedMessage);
if (errors.length > 0) exit(1);
write(out, output);
