import { expect } from 'chai';
import { dataSlice, type Interface, isError } from 'ethers';
import { deployFederation, ringSize } from '../deployment.ts';
import { announce, send } from '../faults.ts';
import { cutCases, wrongModelChunk } from './aggregateCases.ts';
import { cases, encodeCase } from './cases.ts';
import type { Case, Fault } from './fault.ts';
import { type Mutation, mutate } from './mutations.ts';

/** What a call comes back with: `proven`, the name of an error, or what it reverted with where that is none. */
async function outcome({ staged }: Fault, { contract }: Case, data: string): Promise<string> {
  const { challenges, federation, ethers, stranger } = staged;
  try {
    await ethers.provider.call({ to: await challenges[contract].getAddress(), from: stranger.address, data });
    return 'proven';
  } catch (error) {
    const revert = (error as { data?: string }).data ?? '0x';
    if (revert.length < 10) return 'reverted by the decoder';
    const abis: Pick<Interface, 'parseError'>[] = [challenges[contract].interface, federation.interface];
    return abis.map((abi) => abi.parseError(revert)?.name).find((name) => name !== undefined) ?? `reverted: ${revert}`;
  }
}

/** Of a leaf with a false sum nobody reads children, and no reputations where they have no effect. */
const unread = /\.(left|right)\.|\.(cumulativeGwei|reputation)$|^5\.path/;
/** What aggregators sign is of any size: another path is another root, which they have not signed. */
const ofAnySize = /input\.groupPath/;

function expected({ where, kind }: Mutation, name: string): boolean {
  if (unread.test(where)) return name === 'proven';
  if (/^\d+\.(\d+\.)?(input\.)?\w*[pP]ath$/.test(where) && !ofAnySize.test(where)) return name === 'WrongPathLength';
  if (kind === 'high' && /(^|\.)(sum|squaredNorm|weight)$/.test(where)) return /^(SumTooLarge|WrongSum)$/.test(name);
  return /^[A-Z]\w+$/.test(name);
}

/** A number of 120 or fewer bits is not encoded with more: dirty words have a test of their own. */
function refusedByEthers(error: unknown): undefined {
  if (!isError(error, 'INVALID_ARGUMENT')) throw error;
}

async function expectProven(one: Case, fault: Fault): Promise<void> {
  const { challenges, federation, stake, stranger } = fault.staged;
  const data = await encodeCase(one, fault);
  await announce(challenges[one.contract], federation, 1, stranger, data);
  await send(challenges[one.contract], stranger, data);
  expect(await stake.owedWei(stranger.address)).to.be.greaterThan(0);
}

describe('Challenges', function () {
  this.timeout(60_000);

  for (const one of cases) {
    describe(one.method, () => {
      let fault: Fault;

      before(async () => {
        fault = await one.fault();
        expect(await outcome(fault, one, await encodeCase(one, fault))).to.equal('proven');
      });

      it('says which check failed, whatever is changed of its evidence', async () => {
        let refused = 0;
        for (const mutation of mutate(fault.args)) {
          const data = await encodeCase(one, { ...fault, args: mutation.args }).catch(refusedByEthers);
          if (data === undefined) continue;
          const name = await outcome(fault, one, data);
          expect(expected(mutation, name), `${mutation.where} ${mutation.kind}: ${name}`).to.equal(true);
          if (name !== 'proven') refused++;
        }
        expect(refused).to.be.at.least(6);
      });

      it('refuses its evidence for another round, another federation and another proposal', async () => {
        const { proposal, staged } = fault;
        const data = await encodeCase(one, fault);
        const elsewhere = await deployFederation(staged, { dimension: BigInt(staged.base.length) }, [
          staged.challenges[one.contract],
        ]);
        const other = await elsewhere.getAddress();
        const moved = `${dataSlice(data, 0, 16)}${other.slice(2)}${dataSlice(data, 36).slice(2)}`;
        expect(await outcome(fault, one, moved)).to.match(/^(NotProposed|NotSubmitted|WrongSignature|QuotedRightly)$/);
        if (proposal === undefined) return;
        for (const round of [0n, 2n, BigInt(1 + ringSize)]) {
          const name = await outcome(fault, one, await encodeCase(one, { ...fault, proposal: { ...proposal, round } }));
          expect(name).to.match(/^(NotProposed|NotSubmitted|WrongSignature|AnotherUpdate)$/);
        }
        const changed = { ...proposal, modelCid: proposal.inputsCid };
        const name = await outcome(fault, one, await encodeCase(one, { ...fault, proposal: changed }));
        expect(name).to.equal('AnotherProposal');
      });

      it('refuses dirty high bits in every narrow word', async () => {
        const data = await encodeCase(one, fault);
        // the federation, and the proposal's numbers behind it
        const words = fault.proposal === undefined ? [0] : [0, 1, 2, 3, 4, 5, 6];
        for (const word of words) {
          const offset = 4 + 32 * word;
          const dirty = `${dataSlice(data, 0, offset)}01${dataSlice(data, offset + 1).slice(2)}`;
          expect(await outcome(fault, one, dirty), `word ${word}`).to.equal('reverted by the decoder');
        }
      });

      it('still proves the fault after all refusals', async () => {
        await expectProven(one, fault);
      });
    });
  }

  for (const one of cutCases) {
    it(`${one.method} proves the fault of a rule with cuts`, async () => {
      await expectProven(one, await one.fault());
    });
  }

  const sizes = [
    { count: 1, dimension: 1 },
    { count: 1, dimension: 65 },
    { count: 16, dimension: 64 },
    { count: 17, dimension: 129, weight: 65_535 },
    { count: 33, dimension: 63, rule: 'median' },
    { count: 1, dimension: 70, rule: 'trimmedMean:0.3' },
  ];
  for (const size of sizes) {
    it(`refuteModelChunk proves its fault in a round of ${JSON.stringify(size)}`, async () => {
      const one: Case = { contract: 'aggregate', method: 'refuteModelChunk', fault: () => wrongModelChunk(size) };
      await expectProven(one, await one.fault());
    });
  }
});
