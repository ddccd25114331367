/** An aggregator that leaves out a trainer whose update it could have had, and the trainer that proves it. */
import { expect } from 'chai';
import { type FederationClient, structArgument, transact } from '../../client/chain/federation.ts';
import { proposedRounds } from '../../client/chain/rounds.ts';
import { createSender, type Sender } from '../../client/chain/sender.ts';
import { keccak256 } from '../../client/core/hash.ts';
import { omittedHash } from '../../client/core/inputs.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { FederationRun, longestTestMs, windows } from './federationRun.ts';

const cheat = developmentWallet(5);
const victim = developmentWallet(1);

describe('a trainer that is wrongly left out', function () {
  this.timeout(longestTestMs);
  let run: FederationRun;
  let federation: FederationClient;
  let sender: Sender;

  beforeEach(async () => {
    run = new FederationRun();
    await run.open();
    // the chain's clock waits for what the test does itself
    run.clock.works('test');
    federation = run.federation();
    sender = createSender(cheat, run.anvil.provider);
  });
  afterEach(() => run.close());

  it('proves by the attestations of the others that its update was there, and the round takes it in', async () => {
    // the second to join holds the turn of round 1
    const first = run.start('aggregator', 3);
    await first.event('joined');
    await joinAsAggregator();
    const honest = [first, run.start('aggregator', 4)];
    await honest[1]!.event('joined');
    const trainer = run.start('trainer', 1);
    run.start('trainer', 2);
    const attested = await Promise.all(honest.map(({ event }) => event('attested', ({ round }) => round === 1)));
    expect(attested.map(({ inputs }) => inputs)).to.deep.equal([2, 2]);

    // two turns after the deadline nobody has to attest what is left out
    for (const { child } of honest) child.kill('SIGSTOP');
    await run.anvil.provider.send('evm_increaseTime', [windows.submissionSeconds + 2 * windows.turnSeconds]);
    await leaveOut();
    for (const { child } of honest) child.kill('SIGCONT');
    run.clock.leaves('test');

    const proven = await trainer.event('challenged', ({ round }) => round === 1);
    expect(proven).to.include({ proof: 'refuteOmission', offender: cheat.address });
    expect(BigInt(proven.earnedWei)).to.equal(BigInt(proven.takenWei) / 2n);
    await Promise.race(honest.map(({ event }) => event('proposed', ({ round }) => round === 1)));
    await federation.sync();
    const { proposed } = proposedRounds(federation.state)[0]!;
    expect(proposed.omitted).to.deep.equal([]);
    expect(proposed.proposal.inputCount).to.equal(2);
    expect([...federation.state.aggregators]).not.to.include(cheat.address);
  });

  async function joinAsAggregator(): Promise<void> {
    const { token, stake, federation: address } = federation.addresses;
    await federation.sync();
    const { aggregatorBondWei } = federation.parameters();
    await transact(sender, 'approving', token, 'TributaryToken', 'approve', [stake, aggregatorBondWei]);
    await transact(sender, 'depositing', stake, 'Stake', 'deposit', [address, aggregatorBondWei]);
    await transact(sender, 'joining', address, 'Federation', 'joinAsAggregator', []);
  }

  async function leaveOut(): Promise<void> {
    const nothing = keccak256(new Uint8Array(1));
    const { genesisModelRoot } = await federation.readTask();
    const proposal = structArgument({
      ...{ round: 1, baseRound: 0, inputCount: 1, totalWeight: 1, rule: 0, trimBasisPoints: 0 },
      ...{ modelRoot: nothing, modelCid: nothing, inputsCid: nothing, inputsRoot: nothing, columnsRoot: nothing },
      baseModelRoot: genesisModelRoot,
      omittedHash: omittedHash([victim.address]),
      reputations: new Uint8Array(32),
    });
    const args = [proposal, [victim.address], []];
    await transact(sender, 'leaving one out', federation.addresses.federation, 'Federation', 'proposeAggregate', args);
  }
});
