/** Signs other inputs for an edition of a round than it has attested, and shows one asker these, the next one those. */
import { attestationData } from '../chain/attestation.ts';
import { cidFromDigest, digestOfCid } from '../core/cid.ts';
import { fromHex, toHex } from '../core/hash.ts';
import { buildInputsTree, decodeInputsList, encodeInputsList, inputsListBytes } from '../core/inputs.ts';
import { sumTreeRoot } from '../core/sumTree.ts';
import { withFetchTimeout } from '../participant/fetchTimeout.ts';
import type { Participant } from '../participant/participant.ts';
import { attestationsPath } from '../participant/rounds/attestations.ts';
import type { Stage } from './stage.ts';

/** As electors serve it, see node/attestations.ts. */
interface Attested {
  signer: string;
  edition: number;
  inputsRoot: string;
  inputCount: number;
  inputsCid: string;
  signature: string;
}

/** A step of a loop beside that of the honest aggregator, whose attestations it takes as the first. */
export function createEquivocation(stage: Stage): () => Promise<boolean> {
  const { node, attackRound } = stage;
  let shown: { path: string; read: () => unknown } | undefined;

  return async () => {
    if (shown === undefined) {
      const round = attestedRound(node, attackRound);
      if (round === undefined) return false;
      const [path, first] = [attestationsPath(round), ownAttestation(node, round)!];
      const second = await attestOtherwise(node, round, first);
      let asked = 0;
      const read = () => {
        if (++asked === 2) stage.cheated(round, 'signed two different inputs, and showed each to another asker', 0);
        return [asked % 2 === 1 ? first : second];
      };
      shown = { path, read };
    }
    // what the honest part learns meanwhile replaces it
    if (node.documents.get(shown.path) !== shown.read) node.documents.set(shown.path, shown.read);
    return false;
  };
}

function attestedRound(node: Participant, from: number): number | undefined {
  const rounds = [...node.federation.state.rounds.keys()].filter((round) => round >= from);
  return rounds.find((round) => ownAttestation(node, round) !== undefined);
}

function ownAttestation(node: Participant, round: number): Attested | undefined {
  const document = node.documents.get(attestationsPath(round))?.() as Attested[] | undefined;
  return document?.find(({ signer }) => signer === node.account);
}

/** The same inputs without one. */
async function attestOtherwise(node: Participant, round: number, first: Attested): Promise<Attested> {
  const maxBytes = inputsListBytes(first.inputCount);
  const cid = cidFromDigest(fromHex(first.inputsCid), maxBytes);
  const list = await node.store.get(cid, { maxBytes, signal: withFetchTimeout(node.signal) });
  const inputs = decodeInputsList(list).slice(1);
  const inputsRoot = sumTreeRoot(buildInputsTree(inputs).tree).hash;
  return {
    signer: node.account,
    edition: first.edition,
    inputsRoot: toHex(inputsRoot),
    inputCount: inputs.length,
    inputsCid: toHex(digestOfCid(await node.store.put(encodeInputsList(inputs)))),
    signature: await node.sender.signTypedData(
      attestationData(node.addresses, { round, edition: first.edition, inputsRoot }),
    ),
  };
}
