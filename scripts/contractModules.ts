/** The modules that carry the contracts' interfaces and creation code, from what the compiler has made. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { contractNames } from '../client/contracts/names.ts';
import { keccak256, toHex } from '../client/core/hash.ts';
import { base64Lines } from './base64Lines.ts';

interface Artifact {
  abi: readonly Record<string, unknown>[];
  bytecode: string;
  /** By source, then by library. */
  linkReferences: Record<string, Record<string, readonly Place[]>>;
  deployedBytecode: string;
  immutableReferences?: Record<string, readonly Place[]>;
}

/** In bytes. */
interface Place {
  start: number;
  length: number;
}

/** Where the client keeps them. */
export const modulePaths = {
  abi: new URL('../client/contracts/abi.ts', import.meta.url),
  creationCode: new URL('../client/contracts/creationCode.ts', import.meta.url),
};

/** The sources of both modules, from a folder of artifacts such as artifacts/contracts. */
export async function contractModules(artifactsFolder: URL): Promise<Record<keyof typeof modulePaths, string>> {
  const sorted = [...contractNames].sort();
  const artifacts = await Promise.all(
    sorted.map(async (name) => [name, await readArtifact(artifactsFolder, name)] as const),
  );
  const header = (what: string) => `/** ${what}. Written by \`npm run build\` from contracts/: do not edit. */\n`;
  return {
    abi: `${header("The contracts' interfaces")}export const abis = {
${artifacts.map(([name, { abi }]) => abiSource(name, abi)).join('')}} as const;
`,
    creationCode: `${header("The contracts' creation code; see `CreationCode` of link.ts")}export const creationCodes = {
${artifacts.map(([name, artifact]) => codeSource(name, artifact)).join('')}};
`,
  };
}

async function readArtifact(artifactsFolder: URL, name: string): Promise<Artifact> {
  const paths = globSync(`*/${name}.sol/${name}.json`, { cwd: fileURLToPath(artifactsFolder) });
  if (paths.length !== 1) throw new Error(`${name}: ${paths.length} artifacts in ${artifactsFolder.pathname}`);
  return JSON.parse(await readFile(new URL(paths[0]!, artifactsFolder), 'utf8')) as Artifact;
}

function abiSource(name: string, abi: Artifact['abi']): string {
  const entries = abi.map(
    (entry) => `    ${JSON.stringify(entry, (key, value) => (key === 'internalType' ? undefined : value))},\n`,
  );
  return `  ${name}: [\n${entries.join('')}  ],\n`;
}

function codeSource(name: string, artifact: Artifact): string {
  const { bytecode, linkReferences, deployedBytecode, immutableReferences = {} } = artifact;
  const places = Object.values(linkReferences).flatMap((source) => Object.entries(source));
  const links = Object.fromEntries(places.map(([library, found]) => [library, found.map(({ start }) => start)]));
  const bytes = unlinked(bytecode);
  const deployed = unlinked(deployedBytecode);
  const start = bytes.indexOf(deployed);
  if (start < 0) throw new Error(`${name}: its creation code does not hold the code that is deployed`);
  const immutables = Object.values(immutableReferences)
    .flat()
    .map(({ start, length }) => [start, length]);
  return `  ${name}: {
    links: ${JSON.stringify(links)},
    deployed: ${JSON.stringify({ start, length: deployed.length, immutables })},
    hash: '${toHex(keccak256(bytes))}',
    base64: [
${base64Lines(bytes)}
    ].join(''),
  },
`;
}

/** What the compiler writes where an address goes, `__$…$__`, is no hexadecimal: zeros stand there. */
function unlinked(bytecode: string): Buffer {
  return Buffer.from(bytecode.slice(2).replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40)), 'hex');
}
