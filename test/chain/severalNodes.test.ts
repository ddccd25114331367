/** Several nodes of one chain: they stand in for one another, and what one leaves out another shows. */
import { expect } from 'chai';
import { createComparisonWatch, type Disagreement } from '../../client/chain/compare.ts';
import { connectChain } from '../../client/chain/connect.ts';
import { createEventFeed } from '../../client/chain/events.ts';
import { createSender } from '../../client/chain/sender.ts';
import { TributaryError } from '../../client/core/errors.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation, submit } from './federation.ts';
import { type RpcProxy, type Spoil, startProxy } from './proxy.ts';

describe('several nodes of a chain', () => {
  let anvil: Anvil;
  let proxies: RpcProxy[];
  let address: string;
  let fromBlock: number;
  let truth: string[];

  before(async () => {
    anvil = await startAnvil();
    const { federation } = await deploySmallFederation(anvil.provider, 2);
    address = federation.addresses.federation;
    for (const account of [1, 2]) await submit(federation, account, 1);
    const logs = await anvil.provider.getLogs({ address, fromBlock: 0 });
    fromBlock = logs[0]!.blockNumber;
    const feed = createEventFeed(anvil.provider, address, 'Federation', fromBlock);
    truth = (await feed.poll()).events.map(({ id }) => id);
  });
  after(() => anvil.stop());
  beforeEach(async () => {
    proxies = [await startProxy(anvil.url), await startProxy(anvil.url)];
  });
  afterEach(() => Promise.all(proxies.map((proxy) => proxy.stop())));

  async function readThrough(urls: string[], polls = 1): Promise<{ found: string[]; said: Disagreement[] }> {
    const provider = await connectChain(urls);
    const said: Disagreement[] = [];
    provider.onComparison = createComparisonWatch((disagreement) => said.push(disagreement));
    const feed = createEventFeed(provider, address, 'Federation', fromBlock);
    let found: string[] = [];
    for (let poll = 0; poll < polls; poll++) {
      const { events, rewound } = await feed.poll();
      found = [...(rewound ? [] : found), ...events.map(({ id }) => id)];
      await anvil.provider.send('evm_mine', []);
    }
    provider.destroy();
    return { found, said };
  }

  const urls = () => proxies.map(({ url }) => url);
  const noLogs: Spoil = ({ method }) => (method === 'eth_getLogs' ? { kind: 'result', result: [] } : undefined);
  const dead: Spoil = () => ({ kind: 'http', status: 503, body: 'Service Unavailable' });

  for (const liar of [0, 1]) {
    it(`show all events where node ${liar + 1} leaves out logs, and it is said once of which`, async () => {
      proxies[liar]!.spoil = noLogs;
      const { found, said } = await readThrough(urls(), 6);
      expect(found).to.deep.equal(truth);
      expect(said.map(({ url, kind }) => ({ url, kind }))).to.deep.equal([{ url: urls()[liar], kind: 'fewerLogs' }]);
    });

    it(`go on where node ${liar + 1} answers nothing, and send through the other`, async () => {
      proxies[liar]!.spoil = dead;
      const { found, said } = await readThrough(urls());
      expect([found, said]).to.deep.equal([truth, []]);
      const provider = await connectChain(urls());
      const receipt = await createSender(developmentWallet(5), provider).send('paying', {
        to: developmentWallet(6).address,
        value: 1n,
      });
      expect(receipt.status).to.equal(1);
      provider.destroy();
    });
  }

  it('are not said to disagree where one is some blocks behind', async () => {
    const known = await anvil.provider.getBlockNumber();
    proxies[1]!.spoil = async ({ method, params }) => {
      if (method === 'eth_blockNumber') return { kind: 'result', result: `0x${known.toString(16)}` };
      const isLater = method === 'eth_getBlockByNumber' && Number(params[0]) > known;
      return isLater ? { kind: 'result', result: null } : undefined;
    };
    const { found, said } = await readThrough(urls(), 6);
    expect([found, said]).to.deep.equal([truth, []]);
  });

  it('are said to disagree where one is of another branch and stays there', async () => {
    const other = await startAnvil();
    try {
      await other.provider.send('anvil_mine', [`0x${(300).toString(16)}`]);
      const { found, said } = await readThrough([anvil.url, other.url], 8);
      expect(found).to.deep.equal(truth);
      expect(said.map(({ url, kind }) => ({ url, kind }))).to.deep.equal([{ url: other.url, kind: 'otherBlock' }]);
    } finally {
      await other.stop();
    }
  });

  it('are of one chain, or refused', async () => {
    const other = await startAnvil('--chain-id', '77');
    try {
      const error = await connectChain([anvil.url, other.url]).catch((cause: unknown) => cause);
      expect(error).to.be.instanceOf(TributaryError).and.to.include({ code: 'CHAIN_WRONG_ID' });
    } finally {
      await other.stop();
    }
  });
});
