/** What can be voted on, as calls and back again, on real contracts. */
import { expect } from 'chai';
import { AbiCoder, concat, encodeBytes32String, Interface, keccak256, parseEther, toBeHex, ZeroAddress } from 'ethers';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { actions, findAction } from '../../client/governance/actions.ts';
import type { Call } from '../../client/governance/call.ts';
import { readCall } from '../../client/governance/changes.ts';
import { rehearse } from '../../client/governance/rehearsal.ts';
import { headlineOf, renderView } from '../../client/governance/render.ts';
import { type Setting, settings } from '../../client/governance/settings.ts';
import { units } from '../../client/governance/units.ts';
import { findProposal, viewProposal } from '../../client/governance/view.ts';
import { queueProposal } from '../../client/governance/voting.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { expectRejection } from './expectCode.ts';
import { carry, type Governed, openGoverned, proposeAs } from './governed.ts';

const someone = developmentWallet(7).address;
const cid = 'bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e';

describe('the catalogue of what is voted on', () => {
  let governed: Governed;

  before(async () => {
    governed = await openGoverned();
  });
  after(() => governed.anvil.stop());

  const encode = (name: string, ...args: string[]) => findAction(name).encode(args, governed.client);

  async function read(call: Call) {
    const effect = await readCall(call, governed.client);
    expect(
      'why' in effect,
      JSON.stringify(effect, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).to.equal(false);
    return effect as Exclude<typeof effect, { why: string }>;
  }

  async function reasonOf(call: Call): Promise<string> {
    const effect = await readCall(call, governed.client);
    return 'why' in effect ? effect.why : 'it was read';
  }

  it('refuses actions that cannot be carried out, before anything is sent', async () => {
    const refused: [string, string[], RegExp][] = [
      ['set-parameter', ['minimumStak', '200'], /did you mean minimumStake/],
      ['set-parameter', ['minimumStake'], /<name> <value>/],
      ['set-parameter', ['minimumStake', '0'], /out of its bounds: it must be from/],
      ['set-parameter', ['challengerShare', '60%'], /60 % is out of its bounds: it must be from 0 % to 50 %/],
      ['set-parameter', ['maxWeight', '3', 'maxWeight', '4'], /only once/],
      ['set-rule', ['best'], /rule: "best" is none of/],
      ['set-document', ['poem', cid], /there are: manifest, licence, terms/],
      ['set-document', ['licence', 'QmNotACid'], /write a CIDv1/],
      ['eject', ['0x12'], /40 hex digits/],
      ['spend', ['-5', someone], /no value/],
      ['retire', ['now'], /must be nothing/],
      ['start-task', ['1'], /64 hex digits/],
      ['restore-balances', ['1'], /<|must/],
      ['restore-balances', ['4294967296', '1'], /there is none of this number/],
      ['release-pool', ['now'], /must be nothing/],
    ];
    for (const [name, args, sentence] of refused)
      await expectRejection(encode(name, ...args), 'CONFIG_INVALID', sentence);
  });

  it('makes of every parameter a call that is read again as the same', async () => {
    for (const setting of settings) {
      const { format } = units[setting.unit];
      const now = await governed.client.readSetting(setting);
      const next = now < setting.maximum ? now + 1n : now - 1n;
      const text = setting.unit === 'squaredNorm' ? '16' : format(next).replace(/ (d|h|min|s)\b/g, '$1');
      const written = setting.unit === 'seconds' ? `${next}s` : text.replace(" of the chain's currency", '');
      const calls = await encode('set-parameter', setting.name, written);
      const change = (await Promise.all(calls.map(read))).flat().find(({ subject }) => subject === setting.name)!;
      expect(change.now, setting.name).to.equal(format(now));
      expect(change.next, setting.name).to.equal(setting.unit === 'squaredNorm' ? '16' : format(next));
    }
  });

  it('makes of every action calls that are read again, and that the governor takes', async () => {
    const [first] = (await governed.client.read('factory', 'startedTasks')) as string[];
    const args: Record<string, string[]> = {
      'set-parameter': ['minimumStake', '200', 'rewardPerRound', '50'],
      'set-rule': ['trimmedMean:0.2'],
      'set-document': ['licence', cid],
      spend: ['12.5', someone],
      'spend-currency': ['0.5', someone],
      'fund-rewards': ['7'],
      eject: [someone],
      readmit: [someone],
      'set-guardian': [someone],
      'start-task': [first!],
      'restore-balances': ['3', '12.5'],
    };
    const words = new Map<string, string>();
    for (const { name } of actions) {
      const calls = await encode(name, ...(args[name] ?? []));
      await Promise.all(calls.map(read));
      const view = await viewProposal(governed.client, await proposeAs(governed, 1, calls, name));
      expect(view.state, name).to.equal('pending');
      words.set(name, headlineOf(view));
    }
    expect(words.get('set-rule')).to.equal('rule (how updates become the next model): mean → trimmedMean:0.2');
    expect(words.get('set-parameter')).to.match(/^minimumStake \(.*\): 100 tokens → 200 tokens, and 1 more$/);
    expect(words.get('set-document')).to.include(`none → ${cid}`);
    expect(words.get('restore-balances')).to.equal(
      'final balances (what is claimed and what reputation weighs): are those of round 3 again, and 2 more',
    );
    expect(words.get('spend')).to.match(/12\.5 tokens is sent to 0x/);
  });

  it('shows as they are the calls that it cannot read, and warns of them', async () => {
    const { addresses } = governed.client;
    const policy = contractInterface('Policy');
    const call = (target: string, data: string, valueWei = 0n) => ({ target, data, valueWei });
    const rule = policy.encodeFunctionData('setRule', [1, 0]);
    expect(await reasonOf(call(someone, rule))).to.include('no contract of this federation');
    expect(
      await reasonOf(
        call(
          addresses.token,
          new Interface(['function mint(address,uint256)']).encodeFunctionData('mint', [someone, 1]),
        ),
      ),
    ).to.include('no known function');
    expect(await reasonOf(call(addresses.policy, `${rule}00`))).to.include('unusual call of setRule');
    expect(await reasonOf(call(addresses.policy, rule, 1n))).to.include('unusual call of setRule');
    expect(await reasonOf(call(addresses.policy, rule.slice(0, 74)))).to.include('its arguments are not');
    const unknown = policy.encodeFunctionData('setFederationParameter', [encodeBytes32String('rule'), 1]);
    expect(await reasonOf(call(addresses.policy, unknown))).to.include('a name that there is not');
    expect(await reasonOf(call(addresses.policy, policy.encodeFunctionData('setRule', [3, 0])))).to.include('not');
    const later = contractInterface('FederationFactory').encodeFunctionData('startTask', [toBeHex(7, 32)]);
    expect(await reasonOf(call(addresses.factory, later))).to.include('startTask a name that there is not');
    const proposal = await proposeAs(
      governed,
      1,
      [call(addresses.policy, unknown)],
      `a harmless \u001b[2Jtidying\u202e up${' \u2800\u00a0\u3164'.repeat(40)}for 9 votes`,
    );
    const shown = renderView(await viewProposal(governed.client, proposal));
    expect(shown).to.include('WARNING: this call cannot be put into words').and.include(unknown);
    expect(shown).to.include('its author says: a harmless [2Jtidying up for 9 votes');
    for (const hidden of ['\u001b', '\u202e']) expect(shown).not.to.include(hidden);
  });

  it('says of a task that would be started what is otherwise there, and who could pause it', async () => {
    const { client } = governed;
    const [first] = (await client.read('factory', 'startedTasks')) as [string];
    const [call] = (await encode('start-task', first)) as [Call];
    const alike = await read(call);
    expect(alike.map(({ subject }) => subject)).to.deep.equal([
      `task ${first}`,
      'its guardian',
      'its manifest',
      'its licence',
      'its terms',
      'its rule',
    ]);
    expect(alike[0]!.words).to.include(client.federation);
    const other = {
      ...client,
      readSetting: async (setting: Setting) =>
        (await client.readSetting(setting)) + (setting.name === 'minimumStake' ? parseEther('1') : 0n),
    };
    const differing = (await readCall(call, other)) as typeof alike;
    expect(differing).to.have.length(7);
    expect(differing[6]!.subject).to.equal('its minimumStake');
    expect(differing[6]!.next).to.equal('100 tokens, where here it is 101 tokens');
  });

  it('shows a description that is no text, and those of the others beside it', async () => {
    const { client } = governed;
    const [call] = (await encode('set-rule', 'median')) as [Call];
    const abi = contractInterface('TributaryGovernor');
    const types = ['address[]', 'uint256[]', 'bytes[]', 'bytes'];
    const description = '0x74696479ff80';
    const args = AbiCoder.defaultAbiCoder().encode(types, [[call.target], [0], [call.data], description]);
    const { sender } = governed.voter(1);
    const data = concat([abi.getFunction('propose')!.selector, args]);
    await sender.send('proposing', { to: client.addresses.governor, data });
    const id = await client.read('governor', 'getProposalId', [call.target], [0], [call.data], keccak256(description));
    const proposal = await findProposal(client, String(id));
    expect(renderView(await viewProposal(client, proposal))).to.include('its author says: tidy\ufffd\ufffd\n');
    await proposeAs(governed, 1, [call], 'after it');
    // it is found by its bytes, not by what can be read of them
    await expectRejection(queueProposal(governed.voter(1), proposal), 'NOT_ELIGIBLE', /cannot be queued: voting on it/);
  });

  it('tries values against all others before anybody votes on them', async () => {
    // shorter than a proof may take
    const calls = await encode('set-parameter', 'unbondingDelay', '60s');
    await expectRejection(
      rehearse(calls, governed.client),
      'CONFIG_INVALID',
      /^unbondingDelay: 1 min is out of its bounds: it must be from/,
    );
    expect(await rehearse(await encode('readmit', someone), governed.client)).to.match(/NotBarred/);
    expect(await rehearse(await encode('set-rule', 'median'), governed.client)).to.deep.equal([]);
  });

  it('is carried out: parameters, documents, treasury, members and the settings of votes themselves', async () => {
    const { client } = governed;
    expect(
      (await carry(governed, 'set-parameter', 'minimumStake', '200', 'fundingVotes', '50%', 'quorum', '3%')).state,
    ).to.equal('executed');
    const values = await Promise.all(
      ['minimumStake', 'fundingVotes', 'fundingVotesTime', 'quorum'].map((name) =>
        client.readSetting(settings.find((setting) => setting.name === name)!),
      ),
    );
    expect(values).to.deep.equal([parseEther('200'), 5_000n, 31_536_000n, 3n]);
    await carry(governed, 'set-document', 'terms', cid);
    expect((await client.read('policy', 'documents')) as string[])
      .to.have.length(3)
      .and.not.include(ZeroAddress);
    const before = (await client.read('token', 'balanceOf', someone)) as bigint;
    await carry(governed, 'spend', '12.5', someone);
    expect(((await client.read('token', 'balanceOf', someone)) as bigint) - before).to.equal(parseEther('12.5'));
    await carry(governed, 'fund-rewards', '7');
    await carry(governed, 'eject', someone);
    expect(await client.read('policy', 'isBarred', someone)).to.equal(true);
  });
});
