/**
 * Which inputs a round is proposed with: those that enough electors attest and that are verified here, the most of them. While their
 * signatures come in, the aggregator prepares what it would propose.
 */
import { type Submission, standingSubmissions } from '../chain/rounds.ts';
import type { VerifiedUpdate } from '../core/columns.ts';
import { equalBytes, type Hash } from '../core/hash.ts';
import type { Participant } from '../participant/participant.ts';
import type { AttestationBook } from '../participant/rounds/attestationBook.ts';
import { type Attestation, askForAttestations, isSigned } from '../participant/rounds/attestations.ts';
import type { Attesting } from '../participant/rounds/attesting.ts';
import { type Electors, type ElectorsReader, weightOf } from '../participant/rounds/electors.ts';
import { type HeldInputs, inputsRootOf } from '../participant/rounds/heldInputs.ts';

/** How long electors are asked in the first step of an edition, as a share of a turn and at most; and in the steps after it. */
const gatheringShareOfTurn = 0.25;
const longestGatheringMs = 2000;
const laterGatheringMs = 200;
/** Pause before they are asked again, doubled up to the longest. */
const shortestPauseMs = 20;
const longestPauseMs = 320;

export interface ChosenInputs {
  updates: readonly VerifiedUpdate[];
  /** Trainers that have submitted and are left out, ascending. */
  omitted: readonly string[];
  /** By which the updates are weighed. */
  reputations: Hash;
}

export interface AttestedChoice extends ChosenInputs {
  /** Of others than the proposer, by ascending signer. */
  attestations: readonly Pick<Attestation, 'signer' | 'signature'>[];
  /** To be told of a signer whose signature the chain does not take: it is left out of what is chosen next. */
  refuse?: (signer: string) => void;
}

/** Why a round cannot be proposed yet. */
export interface Lack {
  /** Electors that have attested nothing that this node knows of. */
  silent: readonly string[];
  /** What those weigh that agree with this node, itself among them, and what is needed. */
  given: number;
  needed: number;
}

export interface RoundInputs {
  /** What it would propose as it stands; undefined while updates or submissions may still come. */
  draft(): ChosenInputs | undefined;
  /** What enough electors attest, asking them for a while. Errors: CHAIN_UNREACHABLE. */
  gather(): Promise<AttestedChoice | Lack>;
}

export function createRoundInputs(
  node: Participant,
  book: AttestationBook,
  electors: ElectorsReader,
  held: HeldInputs,
  attesting: Attesting,
): RoundInputs {
  const { account, parameters } = node;
  const { number } = held.roundNow();
  /** Contracts whose signatures the chain did not take, whatever they had answered here. */
  const refused = new Set<string>();
  /** The edition for which electors were asked. */
  let gathered: number | undefined;

  function draft(): ChosenInputs | undefined {
    return held.searchIsOver() && held.verified().length > 0 ? chosen(held.verified()) : undefined;
  }

  function chosen(updates: readonly VerifiedUpdate[]): ChosenInputs {
    const trainers = new Set(updates.map(({ trainer }) => trainer));
    const omitted = standingSubmissions(held.roundNow()).filter(({ trainer }) => !trainers.has(trainer));
    return { updates, omitted: addressesOf(omitted), reputations: held.reputations() };
  }

  async function gather(): Promise<AttestedChoice | Lack> {
    const { edition } = held.roundNow();
    const longestMs = gathered === edition ? laterGatheringMs : longestGatheringMs;
    const untilMs = Date.now() + Math.min(longestMs, parameters().turnSeconds * 1000 * gatheringShareOfTurn);
    gathered = edition;
    const asked = await electors.read(number);
    for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const attested = await choose(asked);
      if (attested !== undefined) return attested;
      const lack = await lackOf(asked);
      if (Date.now() + pauseMs > untilMs || node.signal.aborted) return lack;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      book.learn(number, await askForAttestations(node, number, lack.silent));
    }
  }

  /** Of others, for this edition, that the contract would count now. */
  async function attestations({ weights }: Electors): Promise<Attestation[]> {
    const { edition } = held.roundNow();
    const known = book.known(number, edition).filter(({ signer }) => signer !== account && weights.has(signer));
    const counts = await Promise.all(known.map(isCounted));
    return known.filter((_, index) => counts[index]);
  }

  /** What a key has signed always is. */
  async function isCounted(attestation: Attestation): Promise<boolean> {
    if (!attestation.byContract) return true;
    return !refused.has(attestation.signer) && (await isSigned(node, number, attestation));
  }

  /** The most inputs, all verified here, that enough electors attest. */
  async function choose(asked: Electors): Promise<AttestedChoice | undefined> {
    const others = await attestations(asked);
    const sets = [held.verified()];
    if (held.missing().length > 0) sets.push(...(await Promise.all(others.map(verifiedPart))));
    let best: AttestedChoice | undefined;
    for (const updates of sets) {
      if (updates.length <= (best?.updates.length ?? 0)) continue;
      const agreeing = agreeingWith(others, updates);
      if (weightOf(asked, [account, ...agreeing.map(({ signer }) => signer)]) < asked.quorum) continue;
      best = { ...chosen(updates), attestations: bySigner(enoughOf(asked, agreeing)), refuse };
    }
    return best;
  }

  /** Without the contracts among them where keys are enough: what those answer now the chain need not hear. */
  function enoughOf(asked: Electors, agreeing: readonly Attestation[]): readonly Attestation[] {
    const keys = agreeing.filter(({ byContract }) => !byContract);
    return weightOf(asked, [account, ...keys.map(({ signer }) => signer)]) < asked.quorum ? agreeing : keys;
  }

  function refuse(signer: string): void {
    refused.add(signer);
  }

  async function lackOf(asked: Electors): Promise<Lack> {
    const others = await attestations(asked);
    const signers = new Set([account, ...others.map(({ signer }) => signer)]);
    const agreeing = held.verified().length === 0 ? [] : agreeingWith(others, held.verified());
    return {
      silent: [...asked.weights.keys()].filter((elector) => !signers.has(elector)),
      given: weightOf(asked, [account, ...agreeing.map(({ signer }) => signer)]),
      needed: asked.quorum,
    };
  }

  /** What was verified here of what is attested. */
  async function verifiedPart(attestation: Attestation): Promise<VerifiedUpdate[]> {
    const trainers = await attesting.trainersOf(attestation);
    return held.verified().filter(({ trainer }) => trainers.has(trainer.toLowerCase()));
  }

  return { draft, gather };
}

/** One attestation of each signer. */
function agreeingWith(attestations: readonly Attestation[], updates: readonly VerifiedUpdate[]): Attestation[] {
  const root = inputsRootOf(updates);
  return attestations.filter(({ inputsRoot }) => equalBytes(inputsRoot, root));
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
