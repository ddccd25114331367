/** What electors sign of a round's inputs: once for each edition of it, whatever happens, and only what is signed counts. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { recoverAddress, Signature } from 'ethers';
import { attestationData, attestationDigest, attestationSigner } from '../../../client/chain/attestation.ts';
import { emptyRewardsState } from '../../../client/chain/rewardState.ts';
import { emptyState, type Round } from '../../../client/chain/rounds.ts';
import { toHex } from '../../../client/core/hash.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import type { Participant } from '../../../client/participant/participant.ts';
import { openAttestationBook } from '../../../client/participant/rounds/attestationBook.ts';
import { type AttestedInputs, askForAttestations, isSigned } from '../../../client/participant/rounds/attestations.ts';
import { openKeptFiles } from '../../../client/storage/durable.ts';
import { addresses } from '../addresses.ts';

const self = developmentWallet(1);
const peer = developmentWallet(2);
const third = developmentWallet(3);
const stranger = developmentWallet(4);
const evaluator = developmentWallet(5);
/** Account, digest and signature. */
type Asked = [account: string, digest: string, signature: string];
const round = 5;
/** The round has had one edition before this one. */
const edition = 7;

function inputs(seed: number, of = edition): AttestedInputs {
  return {
    edition: of,
    inputsRoot: new Uint8Array(32).fill(seed),
    inputCount: seed,
    inputsCid: new Uint8Array(32).fill(seed + 100),
  };
}

async function signed(wallet: typeof self, seed: number, of = edition, where = addresses, number = round) {
  const { inputsRoot } = inputs(seed);
  const { domain, types, value } = attestationData(where, { round: number, edition: of, inputsRoot });
  return documentOf(wallet.address, seed, await wallet.signTypedData(domain, types, value), of);
}

function documentOf(signer: string, seed: number, signature: string, of = edition) {
  const { inputsRoot, inputCount, inputsCid } = inputs(seed);
  return { signer, edition: of, inputCount, signature, inputsRoot: toHex(inputsRoot), inputsCid: toHex(inputsCid) };
}

describe('attestations', () => {
  /** What an elector that is a contract says of a signature. */
  let contractSays: (...asked: Asked) => boolean;
  const servers: http.Server[] = [];
  let folder: string;
  beforeEach(() => {
    contractSays = () => false;
    folder = mkdtempSync(join(tmpdir(), 'tributary-attestations-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  /** Served by the aggregators, in this order. */
  async function newNode(...documents: string[]): Promise<Participant> {
    const state = emptyState();
    state.rounds.set(round, { number: round, edition, earlierEditions: [edition - 1] } as Round);
    const rewards = { state: emptyRewardsState() };
    rewards.state.evaluators.set(evaluator.address, 0);
    const accounts = [peer, third, evaluator].map(({ address }) => address);
    for (const account of [self.address, ...accounts.slice(0, 2)]) state.aggregators.add(account);
    for (const [index, document] of documents.entries()) {
      const server = http.createServer((request, response) => {
        response.statusCode = request.url === `/attestations/${round}` ? 200 : 404;
        response.end(document);
      });
      servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      state.endpoints.set(accounts[index]!, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    }
    return {
      files: (purpose: string) => openKeptFiles(join(folder, purpose)),
      addresses,
      account: self.address,
      federation: { state, addresses, isSignedAsContract: async (...asked: Asked) => contractSays(...asked) },
      rewards,
      parameters: () => ({ turnSeconds: 8 }),
      documents: new Map(),
      signal: new AbortController().signal,
      sender: { signTypedData: ({ domain, types, value }: never) => self.signTypedData(domain, types, value) },
    } as unknown as Participant;
  }

  describe('asked of others', () => {
    async function asked(...documents: unknown[]): Promise<[string, number][]> {
      const node = await newNode(...documents.map((document) => JSON.stringify(document)));
      return (await askForAttestations(node, round)).map(({ signer, inputCount }) => [signer, inputCount]);
    }

    it('count for nothing unless signed by the elector that they name, for this round, federation and chain', async () => {
      const forged = { ...(await signed(peer, 1)), signer: third.address };
      const ofAnotherRound = await signed(peer, 1, edition, addresses, round + 1);
      const ofAnotherFederation = await signed(peer, 1, edition, { ...addresses, federation: stranger.address });
      const ofAnotherChain = await signed(peer, 1, edition, { ...addresses, chainId: 1 });
      const ofAnotherEdition = { ...(await signed(peer, 1, edition - 1)), edition };
      const ofOtherInputs = { ...(await signed(peer, 1)), inputsRoot: toHex(inputs(2).inputsRoot) };
      const noSignature = documentOf(peer.address, 1, `0x${'00'.repeat(65)}`);
      const others = [ofAnotherRound, ofAnotherFederation, ofAnotherChain, ofAnotherEdition, ofOtherInputs];
      const wrong = [forged, ...others, noSignature];
      expect(await asked([...wrong, await signed(peer, 3)])).to.deep.equal([[peer.address, 3]]);
    });
    it('count for nothing from an account that neither aggregates nor evaluates', async () => {
      const all = [await signed(stranger, 1), await signed(third, 2), await signed(evaluator, 3)];
      expect(await asked(all)).to.deep.equal([
        [third.address, 2],
        [evaluator.address, 3],
      ]);
    });
    it('are also asked of evaluators', async () => {
      expect(await asked([], [], [await signed(evaluator, 3)])).to.deep.equal([[evaluator.address, 3]]);
    });
    it('count only for editions that the round has had', async () => {
      const all = [await signed(peer, 1, edition - 1), await signed(peer, 2), await signed(peer, 3, edition + 1)];
      expect(await asked(all)).to.deep.equal([
        [peer.address, 1],
        [peer.address, 2],
      ]);
    });
    it('are not read from a document that is no list of them, or too long', async () => {
      const good = await signed(peer, 1);
      const documents = [
        {},
        'text',
        [{ ...good, more: 1 }],
        [{ ...good, inputCount: 0 }],
        [{ ...good, edition: 256 }],
        [{ ...good, signature: '0x' }],
      ];
      for (const document of documents) expect(await asked(document)).to.deep.equal([]);
      expect(await asked(Array.from({ length: 100 }, () => good))).to.deep.equal([]);
      const node = await newNode('{', `[${JSON.stringify(good)}]`);
      expect(await askForAttestations(node, round)).to.have.length(1);
    });
    it('are those of an elector that is a contract where it says so, by whatever signature it takes', async () => {
      const ofContract = { ...(await signed(stranger, 1)), signer: third.address };
      const longer = { ...ofContract, signature: `0x${'ab'.repeat(112)}` };
      expect(await asked([ofContract], [longer])).to.deep.equal([]);
      const digests = new Set<string>();
      contractSays = (account, digest) => digests.add(digest).size > 0 && account === third.address;
      for (const one of [ofContract, longer]) expect(await asked([one])).to.deep.equal([[third.address, 1]]);
      const { inputsRoot } = inputs(1);
      expect([...digests]).to.deep.equal([attestationDigest(addresses, { round, edition, inputsRoot })]);
      const tooLong = { ...ofContract, signature: `0x${'ab'.repeat(113)}` };
      expect(await asked([tooLong])).to.deep.equal([]);
    });
    it('are of their signer in whatever case it is written, and one of it once', async () => {
      const first = await signed(peer, 1);
      const lower = { ...first, signer: peer.address.toLowerCase() };
      // a checksum that is wrong
      const upper = { ...(await signed(peer, 2)), signer: `0x${peer.address.slice(2).toUpperCase()}` };
      const flipped = [...peer.address].map((one) =>
        one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase(),
      );
      const other = { ...(await signed(peer, 3)), signer: `0x${flipped.slice(2).join('')}` };
      expect(await asked([other])).to.deep.equal([[peer.address, 3]]);
      expect(await asked([lower, first, upper, other])).to.deep.equal([
        [peer.address, 1],
        [peer.address, 2],
      ]);
      expect(await asked([{ ...first, signer: `${peer.address}0` }])).to.deep.equal([]);
    });
    it('are kept with one that contradicts them, wherever that is shown, and no more of one signer', async () => {
      const [first, second, more] = await Promise.all([1, 2, 3].map((seed) => signed(peer, seed)));
      const ofThird = await signed(third, 4);
      expect(await asked([first, ofThird], [second, more, first])).to.have.deep.members([
        [peer.address, 1],
        [peer.address, 2],
        [third.address, 4],
      ]);
    });
    it('come in the form that the contract takes', async () => {
      const { signature, ...rest } = await signed(peer, 1);
      const { r, s, yParity } = Signature.from(signature);
      const short = `${r}${s.slice(2)}0${yParity}`;
      expect(short).not.to.equal(signature);
      const node = await newNode(JSON.stringify([{ ...rest, signature: short }]));
      const [attestation] = await askForAttestations(node, round);
      expect(attestation!.signature).to.equal(signature);
    });
  });

  describe('of this account', () => {
    it('are served, signed, with what was learnt', async () => {
      const node = await newNode(JSON.stringify([await signed(peer, 2)]));
      const book = await openAttestationBook(node);
      const own = await book.attest(round, inputs(1));
      const { inputsRoot, signature } = own;
      expect(attestationSigner(addresses, { round, edition, inputsRoot }, signature)).to.equal(self.address);
      book.learn(round, await askForAttestations(node, round));
      const served = node.documents.get(`/attestations/${round}`)!();
      expect(served).to.deep.equal([await signed(self, 1), await signed(peer, 2)]);
      expect(node.documents.get(`/attestations/${round + 1}`)).to.equal(undefined);
    });
    it('are one for an edition of a round, ever: also when the process has died, and when the round is no longer served', async () => {
      const node = await newNode();
      const book = await openAttestationBook(node);
      const first = await book.attest(round, inputs(1));
      expect(await book.attest(round, inputs(2))).to.deep.equal(first);
      const reopened = await openAttestationBook(node);
      expect(reopened.known(round, edition)).to.deep.equal([first]);
      expect(await reopened.attest(round, inputs(2))).to.deep.equal(first);
      reopened.forgetBefore(round + 1);
      expect(reopened.known(round, edition)).to.deep.equal([]);
      expect(await reopened.attest(round, inputs(2))).to.deep.equal(first);
      expect((await reopened.attest(round + 1, inputs(2))).inputCount).to.equal(2);
      expect((await reopened.attest(round, inputs(2, edition + 1))).inputCount).to.equal(2);
      expect(await reopened.attest(round, inputs(3, edition))).to.deep.equal(first);
    });
    it('are taken back from others where the folder was lost, and are on disk again', async () => {
      const node = await newNode(JSON.stringify([await signed(self, 1)]));
      const book = await openAttestationBook(node);
      book.learn(round, await askForAttestations(node, round));
      expect((await book.attest(round, inputs(2))).inputCount).to.equal(1);
      const [known] = (await openAttestationBook(node)).known(round, edition);
      expect(known!.inputCount).to.equal(1);
    });
    it('are signed anew, for the same inputs, where the account is a contract that has another key now', async () => {
      const node = { ...(await newNode()), account: third.address };
      let operator = self;
      const recovers = (digest: string, signature: string) => recoverAddress(digest, signature) === operator.address;
      contractSays = (account, digest, signature) => account === third.address && recovers(digest, signature);
      node.sender.signTypedData = ({ domain, types, value }) => operator.signTypedData(domain, types, value);
      const first = await (await openAttestationBook(node)).attest(round, inputs(1));
      operator = stranger;
      const book = await openAttestationBook(node);
      const again = await book.attest(round, inputs(2));
      expect(again).to.deep.equal({ ...first, signature: again.signature });
      expect(again.signature).not.to.equal(first.signature);
      expect(await isSigned(node, round, again)).to.equal(true);
      expect(book.known(round, edition)).to.deep.equal([again]);
      expect((await openAttestationBook(node)).known(round, edition)).to.deep.equal([again]);
    });
    it('leave nothing half-written', async () => {
      const node = await newNode();
      await (await openAttestationBook(node)).attest(round, inputs(1));
      writeFileSync(join(folder, 'attestations', 'aside'), '{"signer":');
      // as they were named before rounds had editions
      writeFileSync(join(folder, 'attestations', '4.json'), '{}');
      const book = await openAttestationBook(node);
      expect(book.known(round, edition)).to.have.length(1);
      expect(readdirSync(join(folder, 'attestations'))).to.deep.equal([`${round}-${edition}.json`]);
    });
  });
});
