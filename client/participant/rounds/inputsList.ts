/** The list of a proposal's inputs, which is served beside its model. */
import { TributaryError } from '../../core/errors.ts';
import { equalBytes, type Hash } from '../../core/hash.ts';
import {
  buildInputsTree,
  decodeInputsList,
  type InputsTree,
  inputsListBytes,
  type RoundInput,
} from '../../core/inputs.ts';
import { sumTreeRoot } from '../../core/sumTree.ts';
import { type Fetching, fetchBlob } from '../fetchBlob.ts';

/** What a proposal, or an attestation, commits to. */
export interface InputsCommitment {
  inputsRoot: Hash;
  inputCount: number;
  inputsCid: Hash;
}

export interface ServedInputs {
  /** As they are served: who serves them may serve anything. */
  list: readonly RoundInput[];
  /** The inputs that the root commits to, where the list is theirs. */
  committed: InputsTree | undefined;
}

/** Asks `first` before others, for so long. Undefined where nobody serves a list under that CID. */
export async function fetchInputsList(
  node: Fetching,
  { inputsRoot, inputCount, inputsCid }: InputsCommitment,
  first: readonly string[],
  patienceMs?: number,
): Promise<ServedInputs | undefined> {
  return await orNothing(async () => {
    const list = decodeInputsList(await fetchBlob(node, inputsCid, inputsListBytes(inputCount), first, patienceMs));
    const tree = await orNothing(async () => buildInputsTree(list));
    const same = tree !== undefined && equalBytes(sumTreeRoot(tree.tree).hash, inputsRoot);
    return { list, committed: same ? tree : undefined };
  });
}

/** What cannot be fetched, or is not what it should be, is as good as nothing. */
export async function orNothing<T>(fetchIt: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await fetchIt();
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return undefined;
  }
}
