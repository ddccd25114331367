/**
 * When an elector signs which inputs of a round. Where all can be fetched: all, at once. Where some cannot, whose turn it is signs what it
 * holds when the search is over, and the others sign the same where it is what they hold too, having looked for what it has and they
 * had not. Who holds more serves that, and does not sign. When the turn is over, aggregators sign what they hold, and evaluators what another
 * has signed before them.
 */
import type { Round } from '../../chain/rounds.ts';
import { digestOfCid } from '../../core/cid.ts';
import type { VerifiedUpdate } from '../../core/columns.ts';
import { equalBytes, toHex } from '../../core/hash.ts';
import { buildInputsTree, encodeInputsList } from '../../core/inputs.ts';
import { sumTreeRoot } from '../../core/sumTree.ts';
import { buildDag } from '../../storage/dag.ts';
import type { Participant } from '../participant.ts';
import type { AttestationBook } from './attestationBook.ts';
import { type Attestation, askForAttestations, fetchAttestedInputs, pushAttestation } from './attestations.ts';
import type { ElectorsReader } from './electors.ts';
import { createHeldInputs, type HeldInputs, inputsRootOf } from './heldInputs.ts';
import type { Updates } from './updates.ts';

export interface Attesting {
  /** Signs what is to be signed now, once for an edition of the round. Errors: CHAIN_UNREACHABLE, DISK_FULL, FOLDER_NOT_WRITABLE. */
  attest(): Promise<void>;
  /** It has signed for this edition, and pinned what it signed for. */
  isDone(): boolean;
  /** Asks the electors what they attest, and looks for what they have and this node has not. */
  learn(): Promise<void>;
  /** The trainers of attested inputs, in lower case; none where their list is not served. */
  trainersOf(attestation: Attestation): Promise<ReadonlySet<string>>;
}

export function createAttesting(
  node: Participant,
  book: AttestationBook,
  electors: ElectorsReader,
  held: HeldInputs,
): Attesting {
  const { federation, account } = node;
  const { roundNow } = held;
  const { number } = roundNow();
  /** The trainers of attested inputs, by their root. */
  const lists = new Map<string, ReadonlySet<string>>();
  /** The edition whose attested inputs are pinned. */
  let keptEdition: number | undefined;

  async function attest(): Promise<void> {
    const { edition } = roundNow();
    if (keptEdition === edition || !(await held.takesNoMore()) || !held.searchIsOver()) return;
    const { weights } = await electors.read(number);
    if (!weights.has(account)) return;
    const isSigned = book.own(number, edition) !== undefined;
    if (!isSigned && held.missing().length > 0) await learn();
    // as of now: the chain may take submissions back while others are asked
    const updates = held.verified();
    if (updates.length === 0) return;
    if (isSigned || held.missing().length === 0 || (await isToSign(weights, updates))) await sign(edition, updates);
  }

  /** Not all could be fetched, and this node has looked for what others attest. */
  async function isToSign(weights: ReadonlyMap<string, number>, updates: readonly VerifiedUpdate[]): Promise<boolean> {
    const first = (await federation.readTurns()).find((aggregator) => weights.has(aggregator));
    if (first === account) return true;
    const root = inputsRootOf(updates);
    const same = book
      .known(number, roundNow().edition)
      .filter(({ signer, inputsRoot }) => weights.has(signer) && equalBytes(inputsRoot, root));
    if (same.some(({ signer }) => signer === first)) return true;
    return held.turnIsOver() && (same.length > 0 || federation.state.aggregators.has(account));
  }

  async function sign(edition: number, updates: readonly VerifiedUpdate[]): Promise<void> {
    if (await book.isLost(number, edition)) return;
    const { inputs, tree } = buildInputsTree(updates);
    const list = encodeInputsList(inputs);
    const inputsRoot = sumTreeRoot(tree).hash;
    const inputsCid = digestOfCid((await buildDag(list)).root);
    const isNew = book.own(number, edition) === undefined;
    const own = await book.attest(number, { edition, inputsRoot, inputCount: inputs.length, inputsCid });
    const { inputCount } = own;
    if (isNew) node.report({ event: 'attested', round: number, inputs: inputCount, inputsRoot: toHex(own.inputsRoot) });
    // shown first: nothing that a proposal waits for is to wait for the disk
    if (isNew) void pushAttestation(node, number, own);
    await Promise.all([node.store.put(list), held.keep()]);
    keptEdition = edition;
  }

  async function learn(): Promise<void> {
    book.learn(number, await askForAttestations(node, number));
    const attested = new Set<string>();
    const ownRoot = held.verified().length === 0 ? undefined : inputsRootOf(held.verified());
    const others = book
      .known(number, roundNow().edition)
      .filter(({ inputsRoot }) => ownRoot === undefined || !equalBytes(inputsRoot, ownRoot));
    for (const trainers of await Promise.all(others.map(trainersOf))) {
      for (const trainer of trainers) attested.add(trainer);
    }
    await held.adopt(attested);
  }

  async function trainersOf(attestation: Attestation): Promise<ReadonlySet<string>> {
    const root = toHex(attestation.inputsRoot);
    const known = lists.get(root);
    if (known !== undefined) return known;
    const inputs = await fetchAttestedInputs(node, roundNow(), attestation);
    const trainers = new Set(inputs?.map(({ trainer }) => trainer.toLowerCase()));
    if (inputs !== undefined) lists.set(root, trainers);
    return trainers;
  }

  return { attest, isDone: () => keptEdition === roundNow().edition, learn, trainersOf };
}

/** Rounds after their finality for which attestations are still served. */
const servedFinalRounds = 8;

/** The duty of an elector that does not aggregate, as a step: hold what is submitted, and attest it. */
export function createAttestingStep(
  node: Participant,
  book: AttestationBook,
  electors: ElectorsReader,
  updatesOf: (round: Round) => Updates,
): () => Promise<boolean> {
  const { federation } = node;
  let current: { number: number; held: HeldInputs; attesting: Attesting } | undefined;

  function open(round: Round): NonNullable<typeof current> {
    const { number } = round;
    if (current?.number === number) return current;
    const held = createHeldInputs(node, () => federation.state.rounds.get(number) ?? round, updatesOf(round));
    current = { number, held, attesting: createAttesting(node, book, electors, held) };
    return current;
  }

  return async () => {
    const { state } = federation;
    book.forgetBefore(state.finalRound - servedFinalRounds);
    const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
    if (round === undefined) return false;
    const { held, attesting } = open(round);
    if (attesting.isDone() || !(await held.takesNoMore())) return false;
    if (!(await electors.read(round.number)).weights.has(node.account)) return false;
    await held.search();
    await attesting.attest();
    return false;
  };
}
