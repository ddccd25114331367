/** What a proposal quotes of the chain on which its inputs were read. */
import { expect } from 'chai';
import type { AttestedChoice } from '../../client/aggregator/inputs.ts';
import { createProposing } from '../../client/aggregator/proposing.ts';
import type { Proposal } from '../../client/chain/rounds.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { TributaryError } from '../../client/core/errors.ts';
import type { Participant } from '../../client/participant/participant.ts';

const word = new Uint8Array(32);
const roots = { baseModelRoot: word, modelRoot: word, modelCid: word, inputsCid: word, inputsRoot: word };
const terms = { round: 1, baseRound: 0, inputCount: 1, totalWeight: 1, rule: 0, trimBasisPoints: 0 };
const proposal: Proposal = { ...terms, ...roots, columnsRoot: word, omittedHash: word, reputations: word };
const choice: AttestedChoice = { updates: [], omitted: [], reputations: word, attestations: [] };
const nowhere = `0x${'00'.repeat(32)}`;

/** `refusals` are what the contract answers in turn. */
function stage(refusals: (string | undefined)[]) {
  const anchors: [number, string][] = [];
  const head = { number: 7, hash: `0x${'a7'.repeat(32)}`, timestamp: 0 };
  const chain = { hash: head.hash };
  let forgotten = 0;
  const refused: string[] = [];
  const node = {
    addresses: { federation: '0x1', chainId: 1 },
    task: { dimension: 64 },
    report: () => undefined,
    federation: { head: () => head, provider: { getBlock: async () => chain } },
    sender: {
      send: async (_: string, { data }: { data: string }) => {
        const { anchor } = contractInterface('Federation').parseTransaction({ data })!.args;
        anchors.push([Number(anchor.number), anchor.hash]);
        const revert = refusals.shift();
        if (revert === undefined) return { gasUsed: 1n };
        throw new TributaryError('TRANSACTION_REVERTED', revert, { args: { revert, signer: '0x5' } });
      },
    },
  } as unknown as Participant;
  const electors = { read: () => Promise.reject(new Error()), forget: () => void forgotten++ };
  const proposing = createProposing(node, electors);
  return {
    propose: () => proposing.propose(proposal, { ...choice, refuse: (signer) => refused.push(signer) }),
    refused,
    anchors,
    chain,
    head,
    forgotten: () => forgotten,
  };
}

describe('a proposal', () => {
  it('names the block at which its inputs were read', async () => {
    const { propose, anchors, head } = stage([]);
    expect(await propose()).to.equal('proposed');
    expect(anchors).to.deep.equal([[head.number, head.hash]]);
  });

  it('names no block where the aggregator has read events only in part', async () => {
    const { propose, anchors, head } = stage([]);
    head.hash = '';
    await propose();
    expect(anchors).to.deep.equal([[0, nowhere]]);
  });

  it('is made again where the chain has taken back the block that it names, however often', async () => {
    const { propose, anchors, head, chain } = stage(Array(4).fill('AnotherChain'));
    chain.hash = `0x${'b7'.repeat(32)}`;
    for (let attempt = 0; attempt < 4; attempt++) expect(await propose()).to.equal('overtaken');
    expect(await propose()).to.equal('proposed');
    expect(anchors).to.deep.equal(Array(5).fill([head.number, head.hash]));
  });

  it('names no block any more where the contract has twice refused one that is still there', async () => {
    const { propose, anchors } = stage(['AnotherChain', 'AnotherChain']);
    for (const outcome of ['overtaken', 'overtaken', 'proposed', 'proposed']) expect(await propose()).to.equal(outcome);
    expect(anchors.map(([number]) => number)).to.deep.equal([7, 7, 0, 0]);
  });

  it('is overtaken where electors have come or gone, and the aggregator looks for the electors anew', async () => {
    const { propose, forgotten } = stage(['TooFewAttestations', 'NotAnElector']);
    expect([await propose(), await propose()]).to.deep.equal(['overtaken', 'overtaken']);
    expect(forgotten()).to.equal(2);
  });

  it('is made again without the signature that the contract does not take', async () => {
    const { propose, refused } = stage(['WrongSignature']);
    expect([await propose(), await propose(), refused]).to.deep.equal(['overtaken', 'proposed', ['0x5']]);
  });

  it('waits for the turn of its aggregator', async () => {
    expect(await stage(['NotYourTurn']).propose()).to.equal('notMyTurn');
  });
});
