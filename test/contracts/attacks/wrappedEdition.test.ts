/** Trainers that let themselves be slashed change a round's edition: it must not come back to one that electors have signed. */
import { expect } from 'chai';
import { id } from 'ethers';
import { aggregatorBondWei, bond, type Founded, found, joinAsTrainer, trainerStakeWei } from '../deployment.ts';
import { asChallenges } from '../faults.ts';
import { attest, submit } from '../round.ts';
import { Attempts } from './attempts.ts';

const editions = 256;

/** Accounts of the attacker's, members from round 1 on. */
async function joinMany(founded: Founded) {
  const { ethers, federation, networkHelpers } = founded;
  const own = [];
  for (let n = 0; n < editions; n++) {
    const address = ethers.getAddress(id(`own ${n}`).slice(0, 42));
    await networkHelpers.setBalance(address, 10n ** 18n);
    const account = await ethers.getImpersonatedSigner(address);
    await bond(founded, account, trainerStakeWei);
    await federation.connect(account).joinAsTrainer();
    own.push(account);
  }
  return own;
}

/** An honest aggregator signs what is right before, and what is right after all of the attacker's updates were proven false. */
async function attackAnElector(founded: Founded) {
  const { federation, challenges, stake, trainers, aggregators, accounts, stranger } = founded;
  const attempts = new Attempts();
  const own = await joinMany(founded);
  await joinAsTrainer(founded, accounts[15]!);
  await submit(federation, ...trainers, accounts[15]!, ...own);
  const elector = aggregators[0]!;
  const { round, edition } = await federation.clock();
  const roots = [id('inputs'), id('inputs without the false ones')] as const;
  const [first] = await attest(federation, { round, inputsRoot: roots[0] }, [elector]);
  const judge = await asChallenges(founded);
  for (const { address } of own) await judge.slashTrainer(address, round, stranger.address);
  const [second] = await attest(federation, { round, inputsRoot: roots[1] }, [elector]);
  await attempts.take('refutation', () =>
    challenges.inputs.connect(stranger).refuteSignatures(federation, round, edition, ...roots, first!, second!),
  );
  return { attempts, outcome: { bondedWei: await stake.bondedWei(federation, elector.address) } };
}

describe('Attack: as many slashed trainers as there are editions', () => {
  it('costs no honest elector its bond', async () => {
    const asItMustBe = { bondedWei: aggregatorBondWei };
    const founded = await found(2, 2, { task: { startTrainers: editions + 3 } });
    const { attempts, outcome } = await attackAnElector(founded);
    expect(outcome, `${attempts}`).to.deep.equal(asItMustBe);
  }).timeout(60_000);
});
