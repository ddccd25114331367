import { expect } from 'chai';
import { announce, send } from '../faults.ts';
import { cutCases } from './aggregateCases.ts';
import { cases, encodeCase } from './cases.ts';

describe('Challenges', () => {
  for (const one of [...cases, ...cutCases]) {
    it(`${one.method} proves its fault`, async function () {
      this.timeout(20_000);
      const fault = await one.fault();
      const { challenges, federation, stake, stranger } = fault.staged;
      const contract = challenges[one.contract];
      const data = await encodeCase(one, fault);
      await announce(contract, federation, 1, stranger, data);
      await send(contract, stranger, data);
      expect(await stake.owedWei(stranger.address)).to.be.greaterThan(0);
    });
  }
});
