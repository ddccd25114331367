/** Contracts take any bytes for text. What no client can decode must not stop those who read what comes after it. */
import { expect } from 'chai';
import { AbiCoder, concat } from 'ethers';
import { transact } from '../../client/chain/federation.ts';
import { createSender } from '../../client/chain/sender.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation } from './federation.ts';

/** Of 2 bytes, neither of which UTF-8 ever has. */
const noText = '0xff80';

describe('text on chain', () => {
  let anvil: Anvil;

  before(async () => {
    anvil = await startAnvil();
  });
  after(() => anvil.stop());

  it('that is not valid text is no endpoint, and nodes that follow the federation go on', async () => {
    const { federation } = await deploySmallFederation(anvil.provider, 1);
    const [stranger, member] = [9, 1].map((index) => developmentWallet(index));
    const { selector } = contractInterface('Federation').getFunction('announceEndpoint')!;
    const data = concat([selector, AbiCoder.defaultAbiCoder().encode(['bytes'], [noText])]);
    const to = federation.addresses.federation;
    await (await stranger!.connect(anvil.provider).sendTransaction({ to, data })).wait();
    const sender = createSender(member!, anvil.provider);
    await transact(sender, 'announcing', to, 'Federation', 'announceEndpoint', [
      'http://node.example/\u001b[2J\u009b2J\u202e',
    ]);
    const { endpoints } = await federation.sync();
    expect(endpoints.get(member!.address)).to.equal('http://node.example/ [2J 2J');
    expect(endpoints.get(stranger!.address)).to.equal('\ufffd\ufffd');
  });
});
