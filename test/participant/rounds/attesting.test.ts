/** Which inputs an elector signs, and when: all of them at once where they are there, else what keeps electors together. */

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { attestationData } from '../../../client/chain/attestation.ts';
import type { Addresses } from '../../../client/chain/connect.ts';
import { emptyRewardsState } from '../../../client/chain/rewardState.ts';
import { emptyState, type Round, type Submission } from '../../../client/chain/rounds.ts';
import { digestOfCid } from '../../../client/core/cid.ts';
import { updateToBytes } from '../../../client/core/codec.ts';
import type { VerifiedUpdate } from '../../../client/core/columns.ts';
import { toHex } from '../../../client/core/hash.ts';
import { buildInputsTree, encodeInputsList } from '../../../client/core/inputs.ts';
import { sumTreeRoot } from '../../../client/core/sumTree.ts';
import { prepareUpdate } from '../../../client/core/verify.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import type { Participant } from '../../../client/participant/participant.ts';
import { type AttestationBook, openAttestationBook } from '../../../client/participant/rounds/attestationBook.ts';
import { type Attesting, createAttesting } from '../../../client/participant/rounds/attesting.ts';
import { createHeldInputs, type HeldInputs } from '../../../client/participant/rounds/heldInputs.ts';
import type { Updates } from '../../../client/participant/rounds/updates.ts';
import { buildDag } from '../../../client/storage/dag.ts';
import { openKeptFiles } from '../../../client/storage/durable.ts';

const number = 5;
const deadline = 1000;
const turnSeconds = 8;
const wallets = [1, 2, 3, 4].map((index) => developmentWallet(index));
const [first, second, third, evaluator] = wallets.map(({ address }) => address) as [string, string, string, string];
const addresses = { chainId: 31_337, federation: developmentWallet(9).address } as Addresses;
const trainers = [6, 7, 8].map((index) => developmentWallet(index).address);
const all = trainers.map((trainer, index) => prepareUpdate(trainer, 1, Int16Array.of(index + 1)));
const withoutLast = all.slice(0, 2);

/** An elector with the updates that it can fetch, at some second; `updates` are taken by reference. */
class Elector {
  readonly folder = mkdtempSync(join(tmpdir(), 'tributary-attesting-'));
  readonly state = emptyState();
  readonly verified = new Map<string, VerifiedUpdate>();
  readonly pinned = new Set<string>();
  readonly round: Round;
  readonly blobs = new Map<string, Uint8Array>();
  now = deadline - 100;
  /** What others serve, should they be asked. */
  served: readonly VerifiedUpdate[] = [];
  /** Fetches before that who serves has it. */
  lateBy = 0;
  /** What the chain does while it is asked. */
  whileAsked: () => void = () => undefined;
  book!: AttestationBook;
  held!: HeldInputs;
  attesting!: Attesting;
  private readonly servers: http.Server[] = [];
  private readonly account: string;

  constructor(account: string, holds: readonly VerifiedUpdate[]) {
    this.account = account;
    for (const update of holds) this.verified.set(update.trainer, update);
    for (const aggregator of [first, second, third]) this.state.aggregators.add(aggregator);
    const submissions = new Map(
      trainers.map((trainer) => [trainer, { trainer, weight: 1, slashed: false } as Submission]),
    );
    const round = { number, baseRound: 0, edition: 0, earlierEditions: [], expectedTrainers: 3 };
    this.round = { ...round, submissionDeadline: deadline, submissions } as unknown as Round;
    this.state.rounds.set(number, this.round);
  }

  async open(): Promise<this> {
    const wallet = wallets.find(({ address }) => address === this.account)!;
    const rewards = { state: emptyRewardsState() };
    rewards.state.evaluators.set(evaluator, 0);
    const node = {
      files: (purpose: string) => openKeptFiles(join(this.folder, purpose)),
      account: this.account,
      addresses,
      rewards,
      documents: new Map(),
      parameters: () => ({ turnSeconds }),
      signal: new AbortController().signal,
      report: () => undefined,
      reputations: async () => undefined,
      federation: {
        state: this.state,
        addresses,
        chainTime: () => this.now,
        head: () => ({ timestamp: this.now }),
        sync: async () => this.state,
        readTurns: async () => {
          this.whileAsked();
          return [first, second, third];
        },
      },
      sender: {
        signTypedData: ({ domain, types, value }: ReturnType<typeof attestationData>) =>
          wallet.signTypedData(domain, types, value),
      },
      store: {
        put: async (bytes: Uint8Array) => {
          this.pinned.add(toHex(bytes));
          return (await buildDag(bytes)).root;
        },
        get: async (cid: { toString(): string }) => this.blobs.get(cid.toString()),
      },
    } as unknown as Participant;
    const updates: Updates = {
      verified: this.verified,
      wrong: new Map(),
      rejected: new Map(),
      isArriving: () => false,
      fetch: async (wanted) => {
        await setImmediate();
        if (this.lateBy-- > 0) return;
        for (const { trainer } of wanted) {
          const found = this.served.find((update) => update.trainer === trainer);
          if (found !== undefined) this.verified.set(trainer, found);
        }
      },
    };
    this.book ??= await openAttestationBook(node);
    this.held = createHeldInputs(node, () => this.round, updates);
    const electors = {
      read: async () => ({ weights: new Map([first, second, third, evaluator].map((one) => [one, 1])), quorum: 3 }),
      forget: () => undefined,
    };
    this.attesting = createAttesting(node, this.book, electors, this.held);
    return this;
  }

  /** Another elector has signed these, and says so, and where their list is. */
  async hears(signer: string, updates: readonly VerifiedUpdate[]): Promise<void> {
    const { inputs, tree } = buildInputsTree(updates);
    const list = encodeInputsList(inputs);
    const { root } = await buildDag(list);
    this.blobs.set(root.toString(), list);
    const inputsRoot = sumTreeRoot(tree).hash;
    const { domain, types, value } = attestationData(addresses, { round: number, edition: 0, inputsRoot });
    const signature = await wallets.find(({ address }) => address === signer)!.signTypedData(domain, types, value);
    const rest = { signer, edition: 0, inputCount: inputs.length, signature };
    const document = [{ ...rest, inputsRoot: toHex(inputsRoot), inputsCid: toHex(digestOfCid(root)) }];
    const server = http.createServer((_, response) => response.end(JSON.stringify(document)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.servers.push(server);
    this.state.endpoints.set(signer, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** What it signs now, as the number of its inputs; undefined where it signs nothing. */
  async signsAt(seconds: number, edition = 0): Promise<number | undefined> {
    this.now = deadline + seconds;
    await this.held.search();
    await this.attesting.attest();
    return this.book.own(number, edition)?.inputCount;
  }

  close(): void {
    for (const server of this.servers) server.close().closeAllConnections();
    rmSync(this.folder, { recursive: true });
  }
}

const [soon, searched, turnOver] = [1, turnSeconds / 2, turnSeconds];

describe('an elector', () => {
  const opened: Elector[] = [];
  afterEach(() => {
    for (const elector of opened.splice(0)) elector.close();
  });
  function elector(account: string, holds: readonly VerifiedUpdate[]): Promise<Elector> {
    const one = new Elector(account, holds);
    opened.push(one);
    return one.open();
  }

  it('signs all at once, before the deadline, when all that were waited for are there, and pins them', async () => {
    const one = await elector(evaluator, all);
    expect(await one.signsAt(-100)).to.equal(3);
    for (const { values } of all) expect(one.pinned.has(toHex(updateToBytes(values)))).to.equal(true);
  });

  it('signs nothing while submissions may come', async () => {
    const one = await elector(first, withoutLast);
    one.round.submissions.delete(trainers[2]!);
    expect(await one.signsAt(-1)).to.equal(undefined);
    expect(await one.signsAt(0)).to.equal(2);
  });

  it('signs nothing where it is no elector of the round', async () => {
    const one = await elector(developmentWallet(1).address, all);
    one.attesting = createAttesting(
      { account: first } as Participant,
      one.book,
      { read: async () => ({ weights: new Map([[second, 1]]), quorum: 1 }), forget: () => undefined },
      one.held,
    );
    expect(await one.signsAt(0)).to.equal(undefined);
  });

  it('drafts what it holds when the search is over, where it has the turn', async () => {
    const one = await elector(first, withoutLast);
    expect(await one.signsAt(soon)).to.equal(undefined);
    expect(await one.signsAt(searched)).to.equal(2);
  });

  it('goes on where a reorganisation takes all submissions back while it asks', async () => {
    for (const account of [first, second, evaluator]) {
      const one = await elector(account, withoutLast);
      one.whileAsked = () => one.round.submissions.clear();
      await one.signsAt(searched);
      expect(await one.signsAt(searched)).to.be.oneOf([undefined, 2]);
    }
  });

  it('signs the draft of who has the turn, and none of its own while that turn lasts', async () => {
    const one = await elector(second, withoutLast);
    expect(await one.signsAt(searched)).to.equal(undefined);
    await one.hears(first, withoutLast);
    expect(await one.signsAt(searched)).to.equal(2);
  });

  it('fetches what the draft takes in, and signs it then', async () => {
    const one = await elector(evaluator, withoutLast);
    expect(await one.signsAt(searched)).to.equal(undefined);
    await one.hears(first, all);
    one.served = all;
    expect(await one.signsAt(searched)).to.equal(3);
  });

  it('asks again for what the draft takes in, which its signer may still be writing to its disk', async () => {
    const one = await elector(evaluator, withoutLast);
    expect(await one.signsAt(searched)).to.equal(undefined);
    await one.hears(first, all);
    Object.assign(one, { served: all, lateBy: 3 });
    expect(await one.signsAt(searched)).to.equal(3);
  });

  it('does not sign a draft without what it holds, and serves that', async () => {
    const one = await elector(second, all.slice(1));
    await one.hears(first, all.slice(1, 2));
    expect(await one.signsAt(searched)).to.equal(undefined);
    expect(one.pinned.has(toHex(updateToBytes(all[2]!.values)))).to.equal(true);
    // it aggregates: when the turn is over, it says itself what there is
    expect(await one.signsAt(turnOver)).to.equal(2);
  });

  it('does not look for more while the others agree on what they have', async () => {
    const one = await elector(second, withoutLast);
    expect(await one.signsAt(searched)).to.equal(undefined);
    one.served = all;
    expect(await one.signsAt(searched + 1)).to.equal(undefined);
    await one.hears(first, withoutLast);
    expect(await one.signsAt(searched + 2)).to.equal(2);
  });

  it('that only evaluates signs what another has signed when the turn is over, and never signs first', async () => {
    const one = await elector(evaluator, withoutLast);
    expect(await one.signsAt(3 * turnOver)).to.equal(undefined);
    await one.hears(third, withoutLast);
    expect(await one.signsAt(3 * turnOver)).to.equal(2);
  });

  it('signs one set for an edition, whatever comes, and another when the edition changes', async () => {
    const one = await elector(first, withoutLast);
    expect(await one.signsAt(searched)).to.equal(2);
    one.served = all;
    expect(await one.signsAt(turnOver)).to.equal(2);
    await one.open();
    expect(await one.signsAt(turnOver + 1)).to.equal(2);
    one.round.edition = 1;
    expect(await one.signsAt(turnOver + 2, 1)).to.equal(3);
  });
});
