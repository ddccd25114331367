import { expect } from 'chai';
import { id } from 'ethers';
import { fromHex } from '../../../client/core/hash.ts';
import { isDrawn } from '../../../client/core/rewards/lot.ts';
import { enlist, propose, script } from './scripted.ts';

const evaluators = 5;
const addresses = Array.from({ length: 300 }, (_, index) => id(`evaluator ${index}`).slice(0, 42));
/** Only the last 16 bytes decide. */
const modelRoots = [
  id('model'),
  `0x${'ab'.repeat(16)}${'00'.repeat(16)}`,
  `0x${'00'.repeat(16)}${'ff'.repeat(16)}`,
  `0x${'00'.repeat(16)}80${'00'.repeat(15)}`,
];

describe('the lot', () => {
  for (const committeeSize of [1, 3, evaluators]) {
    it(`falls on chain as in the client, for ${committeeSize} seats of ${evaluators}`, async () => {
      const scripted = await script({ committeeSize });
      const { rewards } = scripted;
      await enlist(scripted, evaluators);
      for (const [index, modelRoot] of modelRoots.entries()) {
        const round = index + 1;
        await propose(scripted, round, { modelRoot });
        await rewards.openScoring(round);
        const onChain = await Promise.all(addresses.map((address) => rewards.isDrawn(round, address)));
        const inClient = addresses.map((address) => isDrawn(address, fromHex(modelRoot), evaluators, committeeSize));
        expect(onChain).to.deep.equal(inClient);
        const share = onChain.filter((drawn) => drawn).length / addresses.length;
        expect(Math.abs(share - committeeSize / evaluators)).to.be.lessThan(0.12);
      }
    });
  }
});
