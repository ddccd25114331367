/** Who may upload what to an aggregator. */
import { expect } from 'chai';
import { hashMessage } from 'ethers';
import type { CID } from 'multiformats/cid';
import { unreachable } from '../../../client/chain/failure.ts';
import type { FederationClient } from '../../../client/chain/federation.ts';
import { emptyState } from '../../../client/chain/rounds.ts';
import { cidFromDigest } from '../../../client/core/cid.ts';
import { updateBytes } from '../../../client/core/numbers.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import { acceptUploads, authorizeUpload } from '../../../client/participant/rounds/uploads.ts';
import { addresses } from '../addresses.ts';

const trainer = developmentWallet(1);
const stranger = developmentWallet(2);
const digest = new Uint8Array(32).fill(7);
const task = { manifestCid: digest, genesisModelRoot: digest, genesisModelCid: digest, dimension: 100, ringSize: 8 };

describe('an upload to an aggregator', () => {
  const state = emptyState();
  let syncs = 0;
  const magic = `0x1626ba7e${'00'.repeat(28)}`;
  /** What a trainer's account that is a contract answers. */
  let contractSays: (request: { from: string; to: string; data: string }) => string;
  const federation = {
    addresses,
    state,
    provider: { call: async (request: { from: string; to: string; data: string }) => contractSays(request) },
    sync: async () => {
      syncs++;
      return state;
    },
  } as unknown as FederationClient;
  const options = acceptUploads(federation, task, 2);
  const round = {
    number: 1,
    baseRound: 0,
    edition: 0,
    earlierEditions: [],
    expectedTrainers: 1,
    openedBlock: 0,
    submissionDeadline: 0,
    unserved: new Set<string>(),
    submissions: new Map([
      [
        trainer.address,
        {
          trainer: trainer.address,
          commitment: digest,
          cid: digest,
          squaredNorm: 1,
          weight: 1,
          transactionHash: '',
          slashed: false,
        },
      ],
    ]),
    final: false,
    skipped: false,
    voided: false,
  };

  beforeEach(() => {
    state.rounds.set(1, { ...round });
    contractSays = () => {
      throw new Error('no contract is to be asked');
    };
  });

  async function signerOf(wallet: typeof trainer, cid: Uint8Array, signed = cid, where = addresses) {
    const authorization = await authorizeUpload(where, signed, (text) => wallet.signMessage(text));
    const blob: CID = cidFromDigest(cid, 0);
    return await options.acceptUpload({ cid: blob, digest: cid, bytes: 1, authorization });
  }

  it('is refused from an account that has not submitted it', async () => {
    expect(await signerOf(stranger, digest)).to.equal(undefined);
  });
  it('is refused for a blob that was not submitted, after looking at the chain once more', async () => {
    const before = syncs;
    expect(await signerOf(trainer, new Uint8Array(32).fill(8))).to.equal(undefined);
    expect(syncs).to.equal(before + 1);
  });
  it('is refused with the signature of another blob, another federation or another chain', async () => {
    expect(await signerOf(trainer, digest, new Uint8Array(32).fill(8))).to.equal(undefined);
    expect(await signerOf(trainer, digest, digest, { ...addresses, federation: stranger.address })).to.equal(undefined);
    expect(await signerOf(trainer, digest, digest, { ...addresses, chainId: 1 })).to.equal(undefined);
  });
  it('is refused without a signature, and with what is none', async () => {
    const cid = cidFromDigest(digest, 0);
    for (const authorization of ['', 'Bearer x', 'Tributary ', 'Tributary 0x12']) {
      expect(await options.acceptUpload({ cid, digest, bytes: 1, authorization })).to.equal(undefined);
    }
  });
  it('is refused when its round is final, skipped or void', async () => {
    for (const over of [{ final: true }, { skipped: true }, { voided: true }]) {
      state.rounds.set(1, { ...round, ...over });
      expect(await signerOf(trainer, digest), Object.keys(over)[0]).to.equal(undefined);
    }
  });
  it('is refused when the submission was proven false', async () => {
    const submission = { ...round.submissions.get(trainer.address)!, slashed: true };
    state.rounds.set(1, { ...round, submissions: new Map([[trainer.address, submission]]) });
    expect(await signerOf(trainer, digest)).to.equal(undefined);
  });
  it('is signed over the address as EIP-55 has it, whatever the case in the deployment files of either', async () => {
    const { federation: own } = addresses;
    const spellings = [own, own.toLowerCase(), `0x${own.slice(2).toUpperCase()}`];
    const signed: string[] = [];
    for (const one of spellings) {
      for (const other of spellings) {
        const taking = acceptUploads({ ...federation, addresses: { ...addresses, federation: other } }, task, 2);
        const authorization = await authorizeUpload({ ...addresses, federation: one }, digest, (text) => {
          signed.push(text);
          return trainer.signMessage(text);
        });
        const request = { cid: cidFromDigest(digest, 0), digest, bytes: 1, authorization };
        expect(await taking.acceptUpload(request), `${one} ${other}`).to.equal(trainer.address);
      }
    }
    expect([...new Set(signed)]).to.deep.equal([
      `Tributary upload\nchain 31337\nfederation ${own}\ncid 0x${'07'.repeat(32)}`,
    ]);
  });
  it('is taken from a trainer whose account is a contract where that says so, and asked of nobody who has not submitted it', async () => {
    const cid = cidFromDigest(digest, 0);
    const accept = (authorization: string) => options.acceptUpload({ cid, digest, bytes: 1, authorization });
    const signature = `0x${'ab'.repeat(65)}`;
    const named = await authorizeUpload(addresses, digest, async () => signature, trainer.address);
    expect(named).to.equal(`Tributary ${signature} ${trainer.address}`);
    // by its own key a stranger names the trainer
    const ofStranger = await authorizeUpload(addresses, digest, (text) => stranger.signMessage(text), stranger.address);
    for (const wrong of [ofStranger, `${named} more`, `${named}0`, `Tributary none ${trainer.address}`]) {
      expect(await accept(wrong), wrong).to.equal(undefined);
    }
    const asked: { from: string; to: string; data: string }[] = [];
    for (const [answer, taken] of [
      ['0x', undefined],
      [`0xffffffff${'00'.repeat(28)}`, undefined],
      [magic, trainer.address],
    ] as const) {
      contractSays = (request) => {
        asked.push(request);
        return answer;
      };
      expect(await accept(named), answer).to.equal(taken);
    }
    const text = `Tributary upload\nchain 31337\nfederation ${addresses.federation}\ncid 0x${'07'.repeat(32)}`;
    const [{ from, to, data }] = asked as [(typeof asked)[number]];
    expect([from, to, data.slice(0, 74)]).to.deep.equal([
      addresses.federation,
      trainer.address,
      `0x1626ba7e${hashMessage(text).slice(2)}`,
    ]);
    contractSays = () => {
      throw unreachable('calling', 'timeout');
    };
    expect(await accept(named)).to.equal(undefined);
  });
  it('is taken from the trainer that submitted it, and limited to what a trainer can have in flight and is kept', async () => {
    expect(await signerOf(trainer, digest)).to.equal(trainer.address);
    expect(options.maxBytes).to.equal(updateBytes(task.dimension));
    expect(options.maxBytes).to.equal(256);
    expect(options.quotaBytes).to.equal((8 + 2) * 256);
    expect(acceptUploads(federation, task, 30).quotaBytes).to.equal((8 + 30) * 256);
    expect(acceptUploads(federation, task, 'all').quotaBytes).to.equal(Number.POSITIVE_INFINITY);
  });
});
