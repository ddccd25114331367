/** Who brings a challenge lets another be first, and is held up by nobody for long. */
import { expect } from 'chai';
import { contractInterface } from '../../../client/contracts/contracts.ts';
import { developmentWallet } from '../../../client/node/key.ts';
import { announceAndSend } from '../../../client/participant/disputes/challenges.ts';
import type { Participant } from '../../../client/participant/participant.ts';

const [own, other] = [1, 2].map((index) => developmentWallet(index).address) as [string, string];
const federation = developmentWallet(9).address;
const round = 3;
const blockSeconds = 2;

describe('bringing a challenge', () => {
  /** A chain of one block every two seconds, in each of which since the tenth `other` announces something. */
  function stage(from: number, to: number, data: string) {
    const abi = contractInterface('AggregateChallenges');
    const chain = { block: 10, asked: 0 };
    const sent: string[] = [];
    const log = (blockNumber: number) => {
      const announcement = `0x${blockNumber.toString(16).padStart(64, '0')}`;
      return { blockNumber, ...abi.encodeEventLog('ChallengeAnnounced', [federation, round, other, announcement]) };
    };
    const node = {
      account: own,
      addresses: { federation, challenges: { InputChallenges: other } },
      options: { pollMs: 5 },
      parameters: () => ({ challengeSeconds: 400 }),
      federation: {
        addresses: { federation, challenges: {} },
        chainTime: () => chain.block * blockSeconds,
        provider: {
          getBlockNumber: async () => chain.block,
          async getBlock(number: number) {
            chain.asked++;
            return { timestamp: number * blockSeconds };
          },
          readRange: async () => {
            const last = Math.min(to, chain.block);
            return { logs: Array.from({ length: Math.max(0, last - from + 1) }, (_, i) => log(from + i)) };
          },
          estimateGas: async () => 1000n,
        },
      },
      sender: {
        async send(step: string) {
          sent.push(step);
          return { gasUsed: 5n };
        },
      },
    } as unknown as Participant;
    const bring = () =>
      announceAndSend(node, { contract: 'InputChallenges', data, step: 'proving' }, { round, fromBlock: 1 });
    return { chain, sent, bring };
  }

  it('waits for a challenger that has announced before, and no longer once that announcement is old', async () => {
    const { chain, sent, bring } = stage(10, 10, '0x01');
    expect(await bring()).to.equal('waiting');
    chain.block += 9;
    expect(await bring()).to.equal('waiting');
    expect(sent).to.deep.equal([]);
    chain.block += 2;
    expect(await bring()).to.have.property('receipt');
    expect(sent).to.deep.equal(['announcing: proving', 'proving']);
  });

  it('is not put off for ever by one that announces in every block and brings nothing', async () => {
    const { chain, sent, bring } = stage(10, Number.POSITIVE_INFINITY, '0x02');
    expect(await bring()).to.equal('waiting');
    chain.block += 11;
    expect(await bring()).to.have.property('receipt');
    expect(sent).to.deep.equal(['announcing: proving', 'proving']);
  });

  it('asks for no blocks of announcements that are old', async () => {
    const { chain, bring } = stage(10, 300, '0x03');
    chain.block = 400;
    await bring();
    // each look reads back to the first that is too old
    expect(chain.asked).to.be.at.most(3);
  });
});
