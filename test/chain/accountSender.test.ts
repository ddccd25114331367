/** Acting for an account that is a contract: by its operator what a node does, by its owner everything, by nobody else anything. */
import { expect } from 'chai';
import { hashMessage, parseEther, ZeroAddress } from 'ethers';
import { collectFromAccount, readAccount, rotateOperator } from '../../client/actions/account.ts';
import { unstake } from '../../client/actions/stake.ts';
import { innerCall, openAccount, readAccountKeys } from '../../client/chain/accountSender.ts';
import { attestationData, attestationDigest } from '../../client/chain/attestation.ts';
import { type FederationClient, transact } from '../../client/chain/federation.ts';
import { openRewards } from '../../client/chain/rewards.ts';
import { createSender, type Sender } from '../../client/chain/sender.ts';
import { depositStake } from '../../client/chain/stake.ts';
import { contractInterface } from '../../client/contracts/contracts.ts';
import { createAccount } from '../../client/deployment/nodeAccount.ts';
import { developmentWallet } from '../../client/node/key.ts';
import { readDeployment } from '../../client/node/readDeployment.ts';
import { expectRejection } from '../governance/expectCode.ts';
import { type Anvil, startAnvil } from './anvil.ts';
import { deploySmallFederation } from './federation.ts';

const bondWei = parseEther('1000');

describe('an account’s sender', () => {
  let anvil: Anvil;
  let federation: FederationClient;
  let file: string;
  let keys: Record<'funder' | 'owner' | 'operator' | 'next' | 'stranger', Sender>;
  let account: string;

  before(async () => {
    anvil = await startAnvil();
    ({ federation, file } = await deploySmallFederation(anvil.provider, 1));
  });
  after(() => anvil.stop());

  beforeEach(async () => {
    const keyOf = (index: number) => createSender(developmentWallet(index), anvil.provider);
    keys = { funder: keyOf(1), owner: keyOf(4), operator: keyOf(5), next: keyOf(6), stranger: keyOf(7) };
    const { federation: address, token } = federation.addresses;
    account = await createAccount(keys.stranger, {
      owner: keys.owner.address,
      operator: keys.operator.address,
      federation: address,
    });
    await transact(keys.funder, 'funding', token, 'TributaryToken', 'transfer', [account, bondWei]);
  });

  const open = (key: Sender, address = account) => openAccount(key, anvil.provider, federation.addresses, address);

  async function joinAsAggregator(): Promise<void> {
    const sender = await open(keys.operator);
    const { federation: address } = federation.addresses;
    await depositStake({ federation, sender }, address, bondWei);
    await transact(sender, 'joining', address, 'Federation', 'joinAsAggregator', []);
  }

  it('is none for a key that is neither, for what is no account, and for one of another federation', async () => {
    await expectRejection(open(keys.stranger), 'KEY_INVALID', /does not act for the account .* operator is 0x/);
    const none = [keys.stranger.address, federation.addresses.token, federation.addresses.federation];
    for (const address of none) {
      await expectRejection(open(keys.operator, address), 'NOT_ELIGIBLE', /no node account at .*account create/);
    }
    const elsewhere = { ...federation.addresses, federation: federation.addresses.rewards };
    const opened = openAccount(keys.operator, anvil.provider, elsewhere, account);
    await expectRejection(opened, 'NOT_ELIGIBLE', /is one of the federation .* create another/);
    expect((await open(keys.operator, account.toLowerCase())).address).to.equal(account);
  });

  it('does by the operator what a node does, and says whose key the rest takes', async () => {
    await joinAsAggregator();
    const { state } = federation;
    await federation.sync();
    expect(state.aggregators.has(account)).to.equal(true);
    const sender = await open(keys.operator);
    const { token, rewards, federation: address } = federation.addresses;
    const ownersOnly = new RegExp(`Only the owner of the account ${account} may do this: give the key of`);
    const refused = [
      transact(sender, 'paying', token, 'TributaryToken', 'transfer', [keys.operator.address, 1n]),
      transact(sender, 'leaving', address, 'Federation', 'leaveAsAggregator', []),
    ];
    for (const act of refused) await expectRejection(act, 'NOT_ELIGIBLE', ownersOnly);
    const enrolling = transact(sender, 'enrolling', rewards, 'Rewards', 'enrol', [keys.operator.address]);
    await expectRejection(enrolling, 'NOT_ELIGIBLE', /goes to its owner .* leave --payee out/);
    const again = transact(sender, 'joining', address, 'Federation', 'joinAsAggregator', []);
    await expectRejection(again, 'TRANSACTION_REVERTED', /AlreadyAnAggregator/);
  });

  it('signs so that the federation takes it for the account, and for no other text', async () => {
    await joinAsAggregator();
    const sender = await open(keys.operator);
    const root = { round: 1, edition: 0, inputsRoot: new Uint8Array(32).fill(3) };
    const signature = await sender.signTypedData(attestationData(federation.addresses, root));
    await federation.sync();
    const digest = attestationDigest(federation.addresses, root);
    const other = attestationDigest(federation.addresses, { ...root, round: 2 });
    const asked = [digest, other].map((one) => federation.isSignedAsContract(account, one, signature));
    expect(await Promise.all(asked)).to.deep.equal([true, false]);
    const text = await sender.sign('a text');
    expect(await federation.isSignedAsContract(account, hashMessage('a text'), text)).to.equal(true);
    // an account that has not joined has no word, whatever it says
    const stranger = await federation.isSignedAsContract(keys.stranger.address, digest, signature);
    expect(stranger).to.equal(false);
  });

  it('ends for the operator that was replaced, also when it was revoked', async () => {
    await joinAsAggregator();
    const old = await open(keys.operator);
    const signed = { federation, sender: keys.owner } as never;
    const byOperator = rotateOperator({ federation, sender: keys.operator } as never, account, keys.next.address);
    await expectRejection(byOperator, 'NOT_ELIGIBLE', /is not the owner .* owner's key/);
    await rotateOperator(signed, account, keys.next.address);
    const announce = (sender: Sender) =>
      transact(sender, 'announcing', federation.addresses.federation, 'Federation', 'announceEndpoint', ['http://x']);
    await expectRejection(announce(old), 'KEY_INVALID', new RegExp(`its operator is ${keys.next.address}`));
    await announce(await open(keys.next));
    await rotateOperator(signed, account, ZeroAddress);
    await expectRejection(open(keys.next), 'KEY_INVALID', /its operator is nobody/);
    expect((await readAccountKeys(anvil.provider, account)).operator).to.equal(undefined);
  });

  it('does by the owner what is left: leaves, unbonds, and collects what lies there', async () => {
    await joinAsAggregator();
    const sender = await open(keys.owner);
    const deployment = readDeployment(file);
    const rewards = openRewards(anvil.provider, deployment, deployment.deployBlock);
    await Promise.all([federation.sync(), rewards.sync()]);
    const before = await readAccount({ federation, rewards }, account);
    expect([before.roles, before.bondedWei.federation]).to.deep.equal([['aggregator'], bondWei]);
    await unstake({ federation, rewards, sender }, 'aggregator', { leave: true });
    await federation.sync();
    expect((await readAccount({ federation, rewards }, account)).bondedWei.federation).to.equal(0n);
    await keys.funder.send('a bond that came back', { to: account, value: 7n });
    const { token } = federation.addresses;
    await transact(keys.funder, 'funding', token, 'TributaryToken', 'transfer', [account, 5n]);
    const tokensBefore = await federation.contracts.token.balanceOf(keys.owner.address);
    const collected = await collectFromAccount({ federation, rewards, sender });
    expect(collected).to.deep.equal({ tokensWei: 5n, currencyWei: 7n });
    expect((await federation.contracts.token.balanceOf(keys.owner.address)) - tokensBefore).to.equal(5n);
    expect(await anvil.provider.getBalance(account)).to.equal(0n);
  });

  it('is seen through by who looks for the call behind a transaction', () => {
    const call = contractInterface('Federation').encodeFunctionData('finalizeRound', [3]);
    const abi = contractInterface('NodeAccount');
    expect(innerCall(call)).to.equal(call);
    expect(innerCall(abi.encodeFunctionData('execute', [account, call]))).to.equal(call);
    expect(innerCall(abi.encodeFunctionData('executeAsOwner', [account, 0n, call]))).to.equal(call);
    for (const other of ['0x', '0x1234', abi.encodeFunctionData('rotate', [account])]) {
      expect(innerCall(other)).to.equal(other);
    }
  });
});
