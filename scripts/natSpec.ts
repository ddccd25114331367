/** What the contracts' NatSpec says, as the compiler reads it. */
import { compileSolidity } from './solc.ts';

export interface Notes {
  notice?: string;
  details?: string;
  params?: Record<string, string>;
  returns?: Record<string, string>;
}

interface Parameter {
  name: string;
  type: string;
  internalType: string;
  indexed?: boolean;
  components?: Parameter[];
}

interface AbiEntry {
  type: 'function' | 'event' | 'error';
  name: string;
  inputs: Parameter[];
  outputs?: Parameter[];
  stateMutability?: string;
}

export interface Entry extends AbiEntry {
  /** Of the compiler's two documents, and of each place where an error of this signature is declared. */
  notes: Notes[];
}

export interface Documented {
  path: string;
  name: string;
  title: string | undefined;
  notes: Notes[];
  entries: Entry[];
}

interface Documents extends Notes {
  title?: string;
  methods?: Record<string, Notes>;
  events?: Record<string, Notes>;
  errors?: Record<string, Notes[]>;
}

interface Output {
  contracts: Record<
    string,
    Record<string, { abi: (AbiEntry | { type: 'constructor' | 'receive' })[]; userdoc: Documents; devdoc: Documents }>
  >;
}

/** The contracts, interfaces and libraries of the sources at these paths, from the root of the checkout. Errors: what the compiler says. */
export function readNatSpec(paths: readonly string[]): Documented[] {
  const outputSelection = { '*': { '*': ['abi', 'userdoc', 'devdoc'] } };
  const { contracts } = compileSolidity<Output>(paths, { outputSelection });
  return paths
    .flatMap((path) => Object.entries(contracts[path] ?? {}).map(([name, output]) => ({ path, name, ...output })))
    .map(({ path, name, abi, userdoc, devdoc }) => {
      const documents = [userdoc, devdoc];
      const entries = abi
        .filter((entry) => 'name' in entry)
        .map((entry) => ({ ...entry, notes: documents.flatMap((each) => notesOf(entry, each)) }));
      const notes = documents.map(({ notice, details }) => ({
        ...(notice && { notice }),
        ...(details && { details }),
      }));
      return { path, name, title: devdoc.title, notes, entries };
    });
}

function notesOf(entry: AbiEntry, { methods, events, errors }: Documents): Notes | Notes[] {
  const bySignature: Record<string, Notes | Notes[]> | undefined =
    entry.type === 'function' ? methods : entry.type === 'event' ? events : errors;
  return bySignature?.[signatureOf(entry)] ?? [];
}

/** As the chain hashes it. */
function signatureOf({ name, inputs }: AbiEntry): string {
  return `${name}(${inputs.map(typeOf).join(',')})`;
}

/** As its source has it, less where data lies. */
export function declarationOf({ type, name, inputs, outputs = [], stateMutability = 'nonpayable' }: AbiEntry): string {
  const mutability = stateMutability === 'nonpayable' ? '' : ` ${stateMutability}`;
  const returned = outputs.length === 0 ? '' : ` returns (${outputs.map(describeParameter).join(', ')})`;
  return `${type} ${name}(${inputs.map(describeParameter).join(', ')})${mutability}${returned};`;
}

function typeOf({ type, components = [] }: Parameter): string {
  return type.replace('tuple', `(${components.map(typeOf).join(',')})`);
}

function describeParameter({ name, internalType, indexed }: Parameter): string {
  const type = internalType.replace(/^(struct|enum|contract) /, '');
  return [type, ...(indexed ? ['indexed'] : []), ...(name === '' ? [] : [name])].join(' ');
}
