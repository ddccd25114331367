/** The modules that carry the contracts' interfaces and creation code, from what the compiler has made. */
import { readFile } from 'node:fs/promises';
import { type ContractName, contractNames } from '../client/contracts/names.ts';
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

const folders: Record<ContractName, string> = {
  TributaryToken: 'token',
  Stake: 'staking',
  Policy: 'governance',
  Treasury: 'governance',
  VotingPower: 'governance',
  FederationFactory: 'governance',
  GovernedCalls: 'governance',
  TributaryGovernor: 'governance',
  Federation: 'federation',
  Boundary: 'federation',
  Electors: 'federation',
  Waiting: 'federation',
  AggregateChallenges: 'challenges',
  InputChallenges: 'challenges',
  TrainerChallenges: 'challenges',
  Openings: 'challenges',
  RewardChallenges: 'challenges',
  Rewards: 'rewards',
  Enrolment: 'rewards',
  Evaluators: 'rewards',
  Funding: 'rewards',
  ScoreDemands: 'rewards',
  StatementOrder: 'rewards',
};

/** The sources of both modules, from a folder of artifacts such as artifacts/contracts. */
export async function contractModules(artifactsFolder: URL): Promise<Record<keyof typeof modulePaths, string>> {
  const sorted = [...contractNames].sort();
  const artifacts = await Promise.all(
    sorted.map(async (name) => {
      const path = new URL(`${folders[name]}/${name}.sol/${name}.json`, artifactsFolder);
      return [name, JSON.parse(await readFile(path, 'utf8')) as Artifact] as const;
    }),
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
