/** What nodes tell each other besides blobs: served whatever store the blobs are in, and handed in by who serves nobody. */
import { expect } from 'chai';
import { attestationData } from '../../client/chain/attestation.ts';
import type { Addresses } from '../../client/chain/connect.ts';
import { emptyRewardsState } from '../../client/chain/rewardState.ts';
import { documentEndpointsOf, emptyState, endpointsOf, type Round } from '../../client/chain/rounds.ts';
import { toHex } from '../../client/core/hash.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { documentParts, serveDocuments } from '../../client/node/openStore.ts';
import type { NodeOptions } from '../../client/node/options.ts';
import type { Participant } from '../../client/participant/participant.ts';
import { type AttestationBook, takeAttestation } from '../../client/participant/rounds/attestationBook.ts';
import { type Attestation, attestationsPath, pushAttestation } from '../../client/participant/rounds/attestations.ts';
import { pushDocument } from '../../client/storage/peer.ts';
import { expectRejection } from '../governance/expectCode.ts';

/** Tests have no time limits of their own. */
const { signal } = new AbortController();
const signer = developmentWallet(1);
const [taker, stranger] = [2, 3].map((index) => developmentWallet(index));
const addresses = { chainId: 31_337, federation: developmentWallet(9).address } as Addresses;
const root = new Uint8Array(32).fill(7);

describe('documents', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function serve(store: NodeOptions['store'], taken: unknown[] = []) {
    const server = await serveDocuments({ store, listen: '127.0.0.1:0' } as NodeOptions, {
      readDocument: (path) => (path === '/attestations/1' ? ['one'] : undefined),
      takeDocument: (path, document) => path === '/attestations/1' && taken.push(document) > 0,
    });
    if (server !== undefined) closers.push(server.close);
    return server?.endpoint;
  }

  it('are served beside blobs of Kubo and Helia, and by the embedded store itself', async () => {
    for (const store of ['kubo', 'helia'] as const) {
      const answer = await fetch(`${await serve(store)}/attestations/1`);
      expect(await answer.json()).to.deep.equal(['one']);
    }
    expect(await serve('embedded')).to.equal(undefined);
    expect(await serveDocuments({ store: 'kubo', listen: 'off' } as NodeOptions, {})).to.equal(undefined);
  });

  it('are looked for at the last address that a node announces, and blobs at all of them', () => {
    const state = emptyState();
    state.endpoints
      .set('kubo', 'http://gateway:8080 http://node:4800')
      .set('helia', '/ip4/1.2.3.4/tcp/1 http://node:1');
    expect(documentEndpointsOf(state, 'kubo')).to.deep.equal(['http://node:4800', 'http://gateway:8080']);
    expect(documentEndpointsOf(state, 'helia')).to.deep.equal(['http://node:1']);
    expect(endpointsOf(state, 'helia')).to.deep.equal(['/ip4/1.2.3.4/tcp/1', 'http://node:1']);
    expect(endpointsOf(state, 'nobody')).to.deep.equal([]);
  });

  it('are taken where they are wanted, short and JSON', async () => {
    const taken: unknown[] = [];
    const endpoint = (await serve('kubo', taken))!;
    const refused = (path: string, document: unknown) =>
      expectRejection(pushDocument(endpoint, path, document, signal), 'STORE_UNREACHABLE', /does not take/);
    await refused('/attestations/2', 'one');
    await refused('/attestations/1', 'x'.repeat(2000));
    const bytes = await fetch(`${endpoint}/attestations/1`, { method: 'PUT', body: '{"half":' });
    expect(bytes.status).to.equal(400);
    await pushDocument(endpoint, '/attestations/1', { two: 2 }, signal);
    expect(taken).to.deep.equal([{ two: 2 }]);
  });

  it('are taken by aggregators, and by no other role: PUT is no method there', async () => {
    const document = { method: 'PUT', body: '{}' };
    for (const role of ['trainer', 'evaluator', 'watchtower', 'archive', 'aggregator'] as const) {
      const taken: string[] = [];
      const inbox: Participant['inbox'] = {};
      const parts = documentParts(role, new Map([['/scores/1', () => [role]]]), inbox);
      const server = (await serveDocuments({ store: 'kubo', listen: '127.0.0.1:0' } as NodeOptions, parts))!;
      closers.push(server.close);
      const url = `${server.endpoint}/scores/1`;
      const takes = role === 'aggregator';
      const methods = takes ? 'GET, HEAD, OPTIONS, PUT' : 'GET, HEAD, OPTIONS';
      // before the role has started, and then
      expect((await fetch(url, document)).status, role).to.equal(takes ? 403 : 405);
      inbox.take = (path) => taken.push(path) > 0;
      const answer = await fetch(url, document);
      expect(answer.status, role).to.equal(takes ? 200 : 405);
      if (!takes) expect(answer.headers.get('allow')).to.equal(methods);
      const { headers } = await fetch(url, { method: 'OPTIONS' });
      expect(headers.get('access-control-allow-methods'), role).to.equal(methods);
      expect(taken).to.deep.equal(takes ? ['/scores/1'] : []);
      expect(await (await fetch(url)).json()).to.deep.equal([role]);
    }
  });

  describe('that are attestations', () => {
    const learnt: [number, readonly Attestation[]][] = [];
    const book = {
      learn: (round: number, found: readonly Attestation[]) => void learnt.push([round, found]),
    } as unknown as AttestationBook;

    function newNode(more: Partial<Round> = {}): Participant {
      const state = emptyState();
      state.rounds.set(1, { number: 1, edition: 0, earlierEditions: [], ...more } as unknown as Round);
      state.aggregators.add(signer.address).add(taker!.address);
      const federation = { state, addresses };
      return {
        addresses,
        federation,
        account: signer.address,
        rewards: { state: emptyRewardsState() },
        signal,
      } as never;
    }

    async function signed(wallet = signer): Promise<Attestation> {
      const { domain, types, value } = attestationData(addresses, { round: 1, edition: 0, inputsRoot: root });
      const signature = await wallet.signTypedData(domain, types, value);
      return { signer: wallet.address, edition: 0, inputsRoot: root, inputCount: 1, inputsCid: root, signature };
    }

    const written = (one: Attestation) => ({
      ...one,
      inputsRoot: toHex(one.inputsRoot),
      inputsCid: toHex(one.inputsCid),
    });

    it('are refused from strangers, for rounds that are over, and where they are none', async () => {
      const one = written(await signed());
      const path = attestationsPath(1);
      expect(await takeAttestation(newNode(), book, path, written(await signed(stranger)))).to.equal(false);
      for (const over of [{ final: true }, { skipped: true }, { voided: true }]) {
        expect(await takeAttestation(newNode(over), book, path, one)).to.equal(false);
      }
      for (const other of [attestationsPath(2), '/attestations/', '/scores/1']) {
        expect(await takeAttestation(newNode(), book, other, one)).to.equal(false);
      }
      for (const none of [[], [one], { ...one, signature: '0x' }, 'text', null]) {
        expect(await takeAttestation(newNode(), book, path, none)).to.equal(false);
      }
    });

    it('reach the aggregators', async () => {
      const taking = newNode();
      const server = await serveDocuments({ store: 'kubo', listen: '127.0.0.1:0' } as NodeOptions, {
        takeDocument: (path, document) => takeAttestation(taking, book, path, document),
      });
      closers.push(server!.close);
      const node = newNode();
      node.federation.state.endpoints.set(taker!.address, server!.endpoint);
      learnt.length = 0;
      const own = await signed();
      await pushAttestation(node, 1, own);
      expect(learnt.map(([round, found]) => [round, found.map((one) => one.signature)])).to.deep.equal([
        [1, [own.signature]],
      ]);
    });
  });
});
