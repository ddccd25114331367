/** What a round is proposed with: what a majority of its electors attests and is verified here, never less than that. */
import { expect } from 'chai';
import { createRoundInputs, type RoundInputs } from '../../client/aggregator/inputs.ts';
import { emptyState, type Round, type Submission } from '../../client/chain/rounds.ts';
import type { VerifiedUpdate } from '../../client/core/columns.ts';
import { prepareUpdate } from '../../client/core/verify.ts';
import { developmentWallet } from '../../client/node/key.ts';
import type { Participant } from '../../client/participant/participant.ts';
import type { AttestationBook } from '../../client/participant/rounds/attestationBook.ts';
import type { Attestation } from '../../client/participant/rounds/attestations.ts';
import type { Attesting } from '../../client/participant/rounds/attesting.ts';
import { type HeldInputs, inputsRootOf } from '../../client/participant/rounds/heldInputs.ts';

const accountOf = (index: number) => developmentWallet(index).address;
const [self, second, both, evaluator] = [1, 2, 3, 4].map(accountOf) as [string, string, string, string];
const trainers = [6, 7, 8].map(accountOf);
const all = trainers.map((trainer, index) => prepareUpdate(trainer, 1, Int16Array.of(index + 1)));
const edition = 2;

interface Given {
  held?: readonly VerifiedUpdate[];
  attested?: readonly [signer: string, updates: readonly VerifiedUpdate[], edition?: number][];
  weights?: ReadonlyMap<string, number>;
  quorum?: number;
  /** Signers that are contracts; what those say of their signatures, now. */
  contracts?: readonly string[];
  contractSays?: (signer: string) => boolean;
}

function inputsOf({ held = all, attested = [], weights, quorum = 3, contracts = [], ...given }: Given): RoundInputs {
  const submissions = trainers.map((trainer): [string, Submission] => [trainer, { trainer } as Submission]);
  const round = { number: 1, edition, submissions: new Map(submissions) } as unknown as Round;
  const known = attested.map(([signer, updates, of = edition]) => {
    const rest = { signature: `by ${signer}`, inputCount: updates.length, inputsCid: new Uint8Array(32) };
    const byContract = contracts.includes(signer) && { byContract: true as const };
    return { signer, edition: of, inputsRoot: inputsRootOf(updates), ...rest, ...byContract, updates };
  });
  const node = {
    account: self,
    parameters: () => ({ turnSeconds: 0.001 }),
    signal: new AbortController().signal,
    addresses: { chainId: 31_337, federation: accountOf(9) },
    federation: {
      state: emptyState(),
      isSignedAsContract: async (signer: string) => given.contractSays?.(signer) ?? true,
    },
    rewards: { state: { evaluators: new Map() } },
  } as unknown as Participant;
  const book = {
    known: (_: number, of: number) => known.filter((attestation) => attestation.edition === of),
    learn: () => undefined,
  } as unknown as AttestationBook;
  const electors = {
    read: async () => ({
      weights: weights ?? new Map([[self, 1], ...[second, both, evaluator].map((one): [string, number] => [one, 1])]),
      quorum,
    }),
    forget: () => undefined,
  };
  const inputs = {
    roundNow: () => round,
    verified: () => held,
    missing: () => trainers.filter((trainer) => !held.some((update) => update.trainer === trainer)),
    searchIsOver: () => true,
    reputations: () => new Uint8Array(32),
  } as unknown as HeldInputs;
  const attesting = {
    trainersOf: async ({ inputsRoot }: Attestation) =>
      new Set(known.find((one) => one.inputsRoot === inputsRoot)!.updates.map(({ trainer }) => trainer.toLowerCase())),
  } as unknown as Attesting;
  return createRoundInputs(node, book, electors, inputs, attesting);
}

async function chosen(given: Given) {
  const found = await inputsOf(given).gather();
  return 'silent' in found ? undefined : found;
}

async function lacking(given: Given) {
  const found = await inputsOf(given).gather();
  return 'silent' in found ? found : undefined;
}

describe('the inputs of a proposal', () => {
  it('are none where too few electors attest them, and the silent electors are named', async () => {
    expect(await lacking({ attested: [[second, all]] })).to.deep.equal({
      silent: [both, evaluator],
      given: 2,
      needed: 3,
    });
  });

  it('count signatures of electors over these inputs and this edition only, each once', async () => {
    const given: Given['attested'] = [
      [second, all],
      [second, all],
      [both, all, edition - 1],
      [accountOf(5), all],
      [evaluator, all.slice(1)],
    ];
    expect(await lacking({ attested: given })).to.include({ given: 2, needed: 3 });
  });

  it('are attested by evaluators as by aggregators, in ascending order, without a signature of the proposer', async () => {
    const attested: Given['attested'] = [
      [evaluator, all],
      [self, all],
      [second, all],
    ];
    const { attestations, omitted, updates } = (await chosen({ attested }))!;
    const ascending = [evaluator, second].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    expect(attestations.map(({ signer }) => signer)).to.deep.equal(ascending);
    expect(attestations[0]).to.have.all.keys('signer', 'signature');
    expect([omitted, updates.length]).to.deep.equal([[], 3]);
  });

  it('count an elector that aggregates and evaluates twice, and a proposer that is no elector not at all', async () => {
    const weights = new Map([
      [both, 2],
      [second, 1],
    ]);
    expect(await lacking({ weights, attested: [[both, all]] })).to.include({ given: 2 });
    expect(await chosen({ weights, quorum: 2, attested: [[both, all]] })).to.not.equal(undefined);
  });

  it('are those of the other electors where more of them agree on less than this node holds, and name the trainers left out', async () => {
    const less = all.slice(0, 2);
    const attested: Given['attested'] = [
      [second, less],
      [both, less],
    ];
    // it misses one that nobody attests
    const { updates, omitted } = (await chosen({ held: less, attested }))!;
    expect(updates).to.deep.equal(less);
    expect(omitted).to.deep.equal([trainers[2]]);
    const least = all.slice(0, 1);
    const others: Given['attested'] = [
      [second, least],
      [both, least],
    ];
    expect((await chosen({ held: less, attested: others }))!.updates).to.deep.equal(least);
  });

  it('are the largest set that enough electors attest', async () => {
    const held = all.slice(0, 2);
    const attested: Given['attested'] = [
      [second, held.slice(0, 1)],
      [both, held],
    ];
    expect((await chosen({ held, quorum: 2, attested }))!.updates).to.have.length(2);
  });

  it('are attested by contracts only where keys are too few, and only while they stand by it', async () => {
    const attested: Given['attested'] = [second, both, evaluator].map((signer) => [signer, all]);
    const signersOf = async (given: Given) =>
      (await chosen({ attested, ...given }))?.attestations.map(({ signer }) => signer);
    expect(await signersOf({ contracts: [both] })).to.have.members([second, evaluator]);
    expect(await signersOf({ contracts: [both, second] })).to.have.members([second, both, evaluator]);
    const said: string[] = [];
    const contractSays = (signer: string) => said.push(signer) > 0 && signer !== second;
    expect(await signersOf({ contracts: [both, second], contractSays })).to.have.members([both, evaluator]);
    expect(new Set(said)).to.deep.equal(new Set([both, second]));
    const lack = await lacking({ attested, contracts: [both, second], contractSays: () => false });
    expect(lack).to.deep.equal({ silent: [second, both], given: 2, needed: 3 });
  });

  it('are chosen without a contract whose signature the chain did not take', async () => {
    const attested: Given['attested'] = [second, both, evaluator].map((signer) => [signer, all]);
    const inputs = inputsOf({ attested, contracts: [second, both], quorum: 3 });
    const first = await inputs.gather();
    if ('silent' in first) throw new Error('too few attest it');
    first.refuse!(second);
    const next = await inputs.gather();
    expect('silent' in next ? next : next.attestations.map(({ signer }) => signer)).to.have.members([both, evaluator]);
  });

  it('hold no update that this node has not verified, whoever attests it', async () => {
    const attested: Given['attested'] = [second, both, evaluator].map((signer) => [signer, all]);
    expect(await lacking({ held: all.slice(0, 2), attested })).to.include({ given: 1 });
  });
});
