/** For whom the open round waits: trainers, or electors, which are asked what they attest. */
import { skippedFrom } from '../chain/rounds.ts';
import { takesNoMore } from '../participant/awaited/openRound.ts';
import { askForAttestations } from '../participant/rounds/attestations.ts';
import { createElectorsReader, weightOf } from '../participant/rounds/electors.ts';
import type { Followed } from './connect.ts';

/** How long nodes are asked what they attest. */
const longestAskMs = 5000;

/** For whom a round waits. */
export interface WaitsFor {
  /** That have not submitted. */
  trainers: string[];
  /** That show no attestation of its inputs, and what it takes: of those that do, more than a half must agree. */
  electors: string[];
  attesting: number;
  needed: number;
  /** From then on it is skipped, in seconds since 1970. */
  skippedAt: number;
}

/** Null where no round is open. Errors: CHAIN_UNREACHABLE (retryable). */
export async function readWaitsFor({ federation, rewards }: Followed): Promise<WaitsFor | null> {
  const { state, addresses, parameters } = federation;
  const round = state.openRound === undefined ? undefined : state.rounds.get(state.openRound);
  if (round === undefined) return null;
  const { number, edition, submissions } = round;
  const node = { federation, rewards, addresses, parameters, account: '', signal: AbortSignal.timeout(longestAskMs) };
  const electors = await createElectorsReader(node).read(number);
  const isClosed = takesNoMore(round, federation.chainTime());
  // before that there is nothing to attest
  const shown = isClosed ? await askForAttestations(node, number) : [];
  const signers = new Set(shown.filter((one) => one.edition === edition).map(({ signer }) => signer));
  const awaited = [...state.trainers].filter(([, fromRound]) => fromRound <= number).map(([trainer]) => trainer);
  return {
    trainers: awaited.filter((trainer) => !submissions.has(trainer)),
    electors: isClosed ? [...electors.weights.keys()].filter((elector) => !signers.has(elector)) : [],
    attesting: weightOf(electors, signers),
    needed: electors.quorum,
    skippedAt: skippedFrom(round, parameters()),
  };
}
