/**
 * Which updates a round is proposed with. Where all can be fetched, all. Where some cannot, the aggregators look until the same moment,
 * half a turn after the deadline, and serve each other what they find; then each attests once what it has, and who has its turn proposes
 * inputs that enough of them attest. Two turns after the deadline it proposes what it has.
 */
import { allSubmitted, type Round, reputationsOf, type Submission, standingSubmissions } from '../chain/rounds.ts';
import { digestOfCid } from '../core/cid.ts';
import { updateToBytes } from '../core/codec.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import { equalBytes, type Hash, toHex } from '../core/hash.ts';
import { buildInputsTree, encodeInputsList } from '../core/inputs.ts';
import { type Reputations, weigh } from '../core/rewards/reputations.ts';
import { sumTreeRoot } from '../core/sumTree.ts';
import {
  type Attestation,
  type AttestationBook,
  askForAttestations,
  fetchAttestedInputs,
} from '../node/attestations.ts';
import type { Node } from '../node/node.ts';
import { createUpdates } from '../node/updates.ts';

/** What is left of a turn when the search for missing updates ends: time to attest, aggregate and propose. */
const searchShareOfTurn = 0.5;
/** How long an update that another aggregator attests is waited for. */
const adoptShareOfTurn = 0.125;
/** A chain without blocks after the deadline is taken to have had its last submission after this. */
const quietShareOfTurn = 0.25;

export interface ChosenInputs {
  updates: readonly VerifiedUpdate[];
  /** Trainers that have submitted and are left out, ascending. */
  omitted: readonly string[];
  /** Of others than the proposer, by ascending signer. */
  attestations: readonly Pick<Attestation, 'signer' | 'signature'>[];
  /** By which the updates are weighed. */
  reputations: Hash;
}

export interface RoundInputs {
  /** The round as the chain has it now. */
  roundNow(): Round;
  /** The updates that are here, of those whose submissions still stand, with the weight that their trainers' reputations leave them. */
  verified(): VerifiedUpdate[];
  /** Fetches what is missing, until all is here or the search is over for now. Errors: those of `ReputationsReader`. */
  search(): Promise<void>;
  /** Undefined while it must wait for submissions, updates, or attestations. Attests where something stays missing. */
  choose(): Promise<ChosenInputs | undefined>;
  /** Attests what it has; to be called when the inputs are settled and nothing waits for it. */
  attest(): Promise<void>;
  /** Pins what was verified, so that others find it here. */
  keep(): Promise<void>;
}

export function createRoundInputs(node: Node, book: AttestationBook, roundNow: () => Round): RoundInputs {
  const { federation, account, parameters } = node;
  const { number } = roundNow();
  const kept = new Map<string, Promise<unknown>>();
  /** The trainers of attested inputs, by their root. */
  const lists = new Map<string, ReadonlySet<string>>();
  let attested = false;
  let weighing: { word: Hash; reputations: Reputations | undefined } = {
    word: new Uint8Array(32),
    reputations: undefined,
  };
  const updates = createUpdates(node, roundNow(), async (update) => {
    // before the deadline all may still come, and nothing is to cost time
    if (deadlinePassed()) await keepOne(update);
  });

  function deadlinePassed(seconds = 0): boolean {
    return federation.chainTime() >= roundNow().submissionDeadline + seconds;
  }

  function verified(): VerifiedUpdate[] {
    const here = standingSubmissions(roundNow()).flatMap(({ trainer }) => updates.verified.get(trainer) ?? []);
    return here.map((update) => ({ ...update, weight: weigh(weighing.reputations, update.trainer, update.weight) }));
  }

  function missing(): Submission[] {
    return standingSubmissions(roundNow()).filter(({ trainer }) => !updates.verified.has(trainer));
  }

  /** Seconds by the chain's clock as a moment of ours, in ms. */
  function toWallMs(chainSeconds: number): number {
    return Date.now() + (chainSeconds - federation.chainTime()) * 1000;
  }

  async function search(): Promise<void> {
    const word = reputationsOf(federation.state, roundNow());
    weighing = { word, reputations: await node.reputations(word) };
    const { submissionDeadline } = roundNow();
    const wanted = standingSubmissions(roundNow());
    const share = parameters().turnSeconds * searchShareOfTurn;
    const soonMs = Date.now() + 1000;
    if (!deadlinePassed()) {
      const untilMs = Math.min(Date.now() + share * 1000, toWallMs(submissionDeadline));
      return await updates.fetch(wanted, untilMs);
    }
    if (missing().length > 0) await keep();
    await updates.fetch(wanted, Math.max(toWallMs(submissionDeadline + share), soonMs));
  }

  /** No submission can come any more that was not read. */
  async function takesNoMore(): Promise<boolean> {
    const { submissionDeadline } = roundNow();
    if (allSubmitted(roundNow()) || federation.head().timestamp >= submissionDeadline) return true;
    if (!deadlinePassed(parameters().turnSeconds * quietShareOfTurn)) return false;
    await federation.sync();
    return true;
  }

  function searchIsOver(): boolean {
    if (!deadlinePassed()) return false;
    // what is wrong is wrong for everybody: its bytes are those of its CID
    const hopeless = missing().every(({ trainer }) => updates.wrong.has(trainer));
    return hopeless || deadlinePassed(parameters().turnSeconds * searchShareOfTurn);
  }

  async function choose(): Promise<ChosenInputs | undefined> {
    if (!(await takesNoMore())) return undefined;
    if (missing().length === 0) return withoutAttestations();
    if (!searchIsOver()) return undefined;
    await learn();
    await adopt();
    await attest();
    if (missing().length === 0 || deadlinePassed(2 * parameters().turnSeconds)) return withoutAttestations();
    return await chooseAttested();
  }

  function withoutAttestations(): ChosenInputs {
    return { updates: verified(), omitted: addressesOf(missing()), attestations: [], reputations: weighing.word };
  }

  async function learn(): Promise<void> {
    book.learn(number, await askForAttestations(node, number));
  }

  /** What another aggregator attests it can serve: the updates that are missing here are asked for once more. */
  async function adopt(): Promise<void> {
    const attested = new Set<string>();
    const ownRoot = inputsRootOf(verified());
    const others = book.known(number).filter(({ inputsRoot }) => !equalBytes(inputsRoot, ownRoot));
    for (const trainers of await Promise.all(others.map(attestedTrainers))) {
      for (const trainer of trainers) attested.add(trainer);
    }
    const wanted = missing().filter(({ trainer }) => attested.has(trainer.toLowerCase()));
    await updates.fetch(wanted, Date.now() + parameters().turnSeconds * adoptShareOfTurn * 1000);
  }

  /** In lower case; none where the attested list is not served. */
  async function attestedTrainers(attestation: Attestation): Promise<ReadonlySet<string>> {
    const root = toHex(attestation.inputsRoot);
    const known = lists.get(root);
    if (known !== undefined) return known;
    const inputs = await fetchAttestedInputs(node, roundNow(), attestation);
    const trainers = new Set(inputs?.map(({ trainer }) => trainer.toLowerCase()));
    if (inputs !== undefined) lists.set(root, trainers);
    return trainers;
  }

  /** The most inputs, all verified here, that enough aggregators attest. */
  async function chooseAttested(): Promise<ChosenInputs | undefined> {
    const needed = (await federation.readAttestationQuorum()) - 1;
    const others = await thoseWhoMayAttest(book.known(number).filter(({ signer }) => signer !== account));
    const attestationsOf = (root: Hash) => others.filter(({ inputsRoot }) => equalBytes(inputsRoot, root));
    const enough = others.filter(({ inputsRoot }) => attestationsOf(inputsRoot).length >= needed);
    let best: ChosenInputs | undefined;
    for (const included of [verified(), ...(await Promise.all(enough.map(verifiedPart)))]) {
      if (included.length < Math.max(parameters().minimumUpdates, (best?.updates.length ?? 0) + 1)) continue;
      const attestations = attestationsOf(inputsRootOf(included));
      if (attestations.length < needed) continue;
      const trainers = new Set(included.map(({ trainer }) => trainer));
      const omitted = standingSubmissions(roundNow()).filter(({ trainer }) => !trainers.has(trainer));
      best = {
        updates: included,
        omitted: addressesOf(omitted),
        attestations: bySigner(attestations),
        reputations: weighing.word,
      };
    }
    return best;
  }

  /** What was verified here of what is attested. */
  async function verifiedPart(attestation: Attestation): Promise<VerifiedUpdate[]> {
    const trainers = await attestedTrainers(attestation);
    return verified().filter(({ trainer }) => trainers.has(trainer.toLowerCase()));
  }

  /** One that came or went meanwhile would make the whole proposal fail. */
  async function thoseWhoMayAttest(attestations: readonly Attestation[]): Promise<Attestation[]> {
    const may = await Promise.all(attestations.map(({ signer }) => federation.mayAttest(signer, number)));
    return attestations.filter((_, index) => may[index]);
  }

  async function attest(): Promise<void> {
    if (attested || !federation.state.aggregators.has(account)) return;
    await keep();
    const { inputs, tree } = buildInputsTree(verified());
    const inputsCid = digestOfCid(await node.store.put(encodeInputsList(inputs)));
    const inputsRoot = sumTreeRoot(tree).hash;
    const { inputCount, ...own } = await book.attest(number, { inputsRoot, inputCount: inputs.length, inputsCid });
    attested = true;
    node.report({ event: 'attested', round: number, inputs: inputCount, inputsRoot: toHex(own.inputsRoot) });
  }

  async function keep(): Promise<void> {
    await Promise.all(verified().map(keepOne));
  }

  function keepOne({ trainer, values }: VerifiedUpdate): Promise<unknown> {
    const before = kept.get(trainer);
    if (before !== undefined) return before;
    const keeping = node.store.put(updateToBytes(values)).catch((error: unknown) => {
      kept.delete(trainer);
      throw error;
    });
    kept.set(trainer, keeping);
    return keeping;
  }

  return { roundNow, verified, search, choose, attest, keep };
}

function inputsRootOf(updates: readonly VerifiedUpdate[]): Hash {
  return sumTreeRoot(buildInputsTree(updates).tree).hash;
}

function addressesOf(submissions: readonly Submission[]): string[] {
  return ascending(
    submissions.map(({ trainer }) => trainer),
    (trainer) => trainer,
  );
}

function bySigner(attestations: readonly Attestation[]): Pick<Attestation, 'signer' | 'signature'>[] {
  return ascending(attestations, ({ signer }) => signer).map(({ signer, signature }) => ({ signer, signature }));
}

/** By address as a number. */
function ascending<T>(items: readonly T[], addressOf: (item: T) => string): T[] {
  const key = (item: T) => addressOf(item).toLowerCase();
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
