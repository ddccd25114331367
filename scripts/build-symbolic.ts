/** Compiles test/symbolic as the contracts are compiled, and writes what Halmos reads into a folder: `out` as Foundry lays it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argv, exit, stderr } from 'node:process';
import { compileSolidity } from './solc.ts';

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
  contracts: Record<string, Record<string, Contract>>;
  sources: Record<string, { id: number; ast: unknown }>;
}

function compile(): Output {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.sol'));
  return compileSolidity<Output>(
    names.map((name) => `${folder}/${name}`),
    {
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
  );
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
write(out, compile());
