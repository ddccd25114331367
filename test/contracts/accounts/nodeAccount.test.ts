/** An account that is a contract: what its operator may do, and what whoever has stolen that key may not. */
import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types';
import { expect } from 'chai';
import { type BaseContract, hashMessage, id, type Signer, TypedDataEncoder, ZeroAddress, ZeroHash } from 'ethers';
import type { NodeAccount } from '../../../types/ethers-contracts/index.js';
import { aggregatorBondWei, type Founded, found, rewardParameters, trainerStakeWei } from '../deployment.ts';
import { attest, noAnchor, proposalFor, submission, submit, turnHolderOf } from '../round.ts';

const magic = '0x1626ba7e';
const refused = '0xffffffff';

interface Staged extends Founded {
  owner: HardhatEthersSigner;
  operator: HardhatEthersSigner;
  thief: HardhatEthersSigner;
  account: NodeAccount;
  address: string;
}

/** The account has the tokens of its stake, and has not joined. */
async function stage(tokensWei = trainerStakeWei + aggregatorBondWei): Promise<Staged> {
  const founded = await found();
  const [owner, operator, thief] = founded.accounts.slice(10, 13) as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const account = await founded.ethers.deployContract('NodeAccount', [
    owner.address,
    operator.address,
    await founded.federation.getAddress(),
  ]);
  await founded.token.transfer(account, tokensWei);
  return { ...founded, owner, operator, thief, account, address: await account.getAddress() };
}

type Named = 'federation' | 'rewards' | 'stake' | 'token';

function call(staged: Staged, contract: Named, method: string, args: readonly unknown[]): [string, string] {
  const { target, interface: abi } = staged[contract] as BaseContract;
  return [target as string, abi.encodeFunctionData(method, args)];
}

/** By the operator unless another key is named. */
async function act(
  staged: Staged,
  contract: Named,
  method: string,
  args: readonly unknown[] = [],
  by: Signer = staged.operator,
) {
  return await staged.account.connect(by).execute(...call(staged, contract, method, args));
}

async function joinAs(staged: Staged, role: 'Trainer' | 'Aggregator'): Promise<void> {
  const wei = role === 'Trainer' ? trainerStakeWei : aggregatorBondWei;
  await act(staged, 'token', 'approve', [staged.stake.target, wei]);
  await act(staged, 'stake', 'deposit', [staged.federation.target, wei]);
  await act(staged, 'federation', `joinAs${role}`);
}

/** As `confirmationData` of client/chain/accountSender.ts. */
async function confirm(
  { ethers, address }: Staged,
  signer: Signer,
  hash: string,
  over: { account?: string; chainId?: bigint } = {},
) {
  const { chainId } = await ethers.provider.getNetwork();
  const domain = {
    name: 'Tributary account',
    version: '1',
    chainId: over.chainId ?? chainId,
    verifyingContract: over.account ?? address,
  };
  return await signer.signTypedData(domain, { Confirmation: [{ name: 'hash', type: 'bytes32' }] }, { hash });
}

/** As the federation asks. */
async function answer(
  { account, federation, ethers }: Staged,
  hash: string,
  signature: string,
  from: unknown = federation.target,
) {
  return await account.connect(ethers.provider).isValidSignature(hash, signature, { from: from as string });
}

describe('an account that is a contract', () => {
  describe('whose operator’s key was stolen', () => {
    it('keeps its tokens: none leave it by a transfer, an approval, a permit or a deposit elsewhere', async () => {
      const staged = await stage();
      const { token, thief, account, rewards } = staged;
      const wei = trainerStakeWei;
      const hostile = await staged.ethers.deployContract('SlashingFederation');
      const attempts: [Named, string, unknown[], string][] = [
        ['token', 'transfer', [thief.address, wei], 'CallNotAllowed'],
        ['token', 'transferFrom', [staged.address, thief.address, wei], 'CallNotAllowed'],
        ['token', 'delegate', [thief.address], 'CallNotAllowed'],
        ['token', 'approve', [thief.address, wei], 'AnotherSpender'],
        ['token', 'approve', [rewards.target, wei], 'AnotherSpender'],
        ['stake', 'deposit', [hostile.target, wei], 'NotStakedHere'],
        ['stake', 'deposit', [thief.address, wei], 'NotStakedHere'],
        ['stake', 'depositWithPermit', [hostile.target, wei, 0, 27, ZeroHash, ZeroHash], 'CallNotAllowed'],
        ['stake', 'delegate', [thief.address], 'CallNotAllowed'],
        ['rewards', 'fund', [10n ** 9n], 'CallNotAllowed'],
      ];
      for (const [contract, method, args, error] of attempts) {
        await expect(act(staged, contract, method, args), `${contract}.${method}`).to.be.revertedWithCustomError(
          account,
          error,
        );
      }
      expect(await token.balanceOf(account)).to.equal(trainerStakeWei + aggregatorBondWei);
    });

    it('keeps its stake and its place: it neither leaves, unbonds nor withdraws', async () => {
      const staged = await stage();
      await joinAs(staged, 'Aggregator');
      const { account, federation, stake } = staged;
      const attempts: [Named, string, unknown[]][] = [
        ['federation', 'leaveAsTrainer', []],
        ['federation', 'leaveAsAggregator', []],
        ['rewards', 'leaveAsEvaluator', []],
        ['stake', 'requestUnbond', [federation.target, aggregatorBondWei]],
        ['stake', 'withdraw', [federation.target]],
      ];
      for (const [contract, method, args] of attempts) {
        await expect(act(staged, contract, method, args), method).to.be.revertedWithCustomError(
          account,
          'CallNotAllowed',
        );
      }
      expect(await stake.bondedWei(federation, account)).to.equal(aggregatorBondWei);
      expect(await federation.isAggregator(account)).to.equal(true);
    });

    it('pays its owner: nobody else becomes the payee, when it enrols or later', async () => {
      const staged = await stage();
      await joinAs(staged, 'Aggregator');
      const { account, thief, owner, rewards, address, operator } = staged;
      for (const payee of [thief.address, operator.address, address]) {
        const enrolling = act(staged, 'rewards', 'enrol', [payee]);
        await expect(enrolling)
          .to.be.revertedWithCustomError(account, 'PayeeNotTheOwner')
          .withArgs(payee, owner.address);
      }
      await act(staged, 'rewards', 'enrol', [owner.address]);
      const changing = act(staged, 'rewards', 'setPayee', [address, thief.address]);
      await expect(changing).to.be.revertedWithCustomError(account, 'CallNotAllowed');
      expect((await rewards.accountOf(account)).payee).to.equal(owner.address);
    });

    it('calls no other contract, nor itself, nor anything by less than a selector', async () => {
      const staged = await stage();
      const { account, address, operator, policy, thief, ethers } = staged;
      const own = account.interface;
      const other = await ethers.deployContract('ContractAccount');
      const attempts: [string, string][] = [
        [address, own.encodeFunctionData('rotate', [thief.address])],
        [address, own.encodeFunctionData('executeAsOwner', [thief.address, 0, '0x'])],
        [policy.target as string, policy.interface.encodeFunctionData('setGuardian', [thief.address])],
        [other.target as string, other.interface.encodeFunctionData('refuse', [true])],
        [thief.address, '0x'],
        ...(['federation', 'rewards', 'stake', 'token'] as const).flatMap((name): [string, string][] => [
          [staged[name].target as string, '0x'],
          [staged[name].target as string, '0xa9059c'],
        ]),
      ];
      for (const attempt of attempts) {
        await expect(account.connect(operator).execute(...attempt)).to.be.revertedWithCustomError(
          account,
          'CallNotAllowed',
        );
      }
    });

    it('keeps its currency: a call takes what comes with it and no more', async () => {
      const staged = await stage();
      const { account, operator, challenges, ethers, owner, accounts } = staged;
      await accounts[0]!.sendTransaction({ to: account, value: 1000n });
      const { openings } = challenges;
      const demand = openings.interface.encodeFunctionData('claimOwed');
      await expect(account.connect(operator).execute(openings, demand, { value: 5n })).to.revert(ethers);
      await expect(account.connect(operator).executeAsOwner(operator, 1000n, '0x')).to.be.revertedWithCustomError(
        account,
        'OwnableUnauthorizedAccount',
      );
      expect(await ethers.provider.getBalance(account)).to.equal(1000n);
      const paid = account.connect(owner).executeAsOwner(accounts[5]!, 1000n, '0x');
      await expect(paid).to.changeEtherBalance(ethers, accounts[5]!, 1000n);
    });

    it('votes nowhere and signs nothing but what its federation asks about', async () => {
      const staged = await stage();
      const { operator, challenges, thief, rewards, stake, token } = staged;
      const hash = id('a vote, a permit, an order');
      const signature = await confirm(staged, operator, hash);
      for (const asker of [thief.address, stake.target, token.target, rewards.target, staged.address, ZeroAddress]) {
        expect(await answer(staged, hash, signature, asker), String(asker)).to.equal(refused);
      }
      for (const asker of [staged.federation.target, challenges.inputs.target]) {
        expect(await answer(staged, hash, signature, asker), String(asker)).to.equal(magic);
      }
    });

    it('is taken from it by its owner in one transaction, and the stolen key can do nothing more', async () => {
      const staged = await stage();
      await joinAs(staged, 'Trainer');
      const { account, owner, operator, thief, federation, stake, trainers } = staged;
      await expect(account.connect(operator).rotate(operator)).to.be.revertedWithCustomError(
        account,
        'OwnableUnauthorizedAccount',
      );
      await expect(account.connect(owner).rotate(thief)).to.emit(account, 'OperatorSet').withArgs(thief.address);
      const hash = hashMessage('upload');
      expect(await answer(staged, hash, await confirm(staged, operator, hash))).to.equal(refused);
      expect(await answer(staged, hash, await confirm(staged, thief, hash))).to.equal(magic);
      const late = act(staged, 'federation', 'announceEndpoint', ['http://thief']);
      await expect(late)
        .to.be.revertedWithCustomError(account, 'NotTheOperator')
        .withArgs(operator.address, thief.address);
      // place and stake are as they were
      expect(await federation.isTrainer(account)).to.equal(true);
      expect(await stake.bondedWei(federation, account)).to.equal(trainerStakeWei);
      expect(await federation.isTrainer(trainers[0]!)).to.equal(true);
    });
  });

  it('has no operator when the owner has revoked it: no call, and no empty signature either', async () => {
    const staged = await stage();
    const { account, owner, operator } = staged;
    await account.connect(owner).rotate(ZeroAddress);
    await expect(act(staged, 'federation', 'joinAsTrainer')).to.be.revertedWithCustomError(account, 'NotTheOperator');
    const hash = id('attestation');
    const flawed = [`0x${'00'.repeat(65)}`, `0x${'00'.repeat(64)}1b`, '0x', `0x${'ff'.repeat(65)}`];
    for (const signature of [...flawed, await confirm(staged, operator, hash)]) {
      expect(await answer(staged, hash, signature), signature).to.equal(refused);
    }
  });

  it('takes a signature for itself alone: not for another account of the operator, another chain, or of its bare key', async () => {
    const staged = await stage();
    const { operator, owner, thief, ethers, federation } = staged;
    const other = await ethers.deployContract('NodeAccount', [owner.address, operator.address, federation.target]);
    const hash = id('attestation');
    const right = await confirm(staged, operator, hash);
    const wrong = {
      'of another account': await confirm(staged, operator, hash, { account: other.target as string }),
      'on another chain': await confirm(staged, operator, hash, { chainId: 1n }),
      'of another hash': await confirm(staged, operator, id('other')),
      'of another key': await confirm(staged, thief, hash),
      "of the owner's key": await confirm(staged, owner, hash),
      'of the text': await operator.signMessage(Buffer.from(hash.slice(2), 'hex')),
      'cut short': right.slice(0, -2),
      'with more behind it': `${right}00`,
    };
    expect(await answer(staged, hash, right)).to.equal(magic);
    expect(await answer({ ...staged, account: other }, hash, right)).to.equal(refused);
    for (const [name, signature] of Object.entries(wrong)) {
      expect(await answer(staged, hash, signature), name).to.equal(refused);
    }
    // the same signature with its upper half of the curve is another text of it
    const s = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n - BigInt(`0x${right.slice(66, 130)}`);
    const malleated = `${right.slice(0, 66)}${s.toString(16).padStart(64, '0')}${right.endsWith('1b') ? '1c' : '1b'}`;
    expect(await answer(staged, hash, malleated), 'malleated').to.equal(refused);
  });

  it('does a trainer’s work by its operator, and by no other key', async () => {
    const staged = await stage();
    const { account, federation, owner, thief, trainers } = staged;
    await joinAs(staged, 'Trainer');
    for (const other of [owner, thief]) {
      await expect(act(staged, 'federation', 'openRound', [], other)).to.be.revertedWithCustomError(
        account,
        'NotTheOperator',
      );
    }
    await submit(federation, ...trainers);
    const proposer = await turnHolderOf(federation, staged.aggregators);
    const proposal = await proposalFor(federation, trainers.length);
    const { edition } = await federation.clock();
    const others = staged.aggregators.filter((aggregator) => aggregator !== proposer);
    const attestations = await attest(federation, { round: 1, inputsRoot: proposal.inputsRoot, edition }, others);
    await federation.connect(proposer).proposeAggregate(proposal, [], attestations, noAnchor);
    const { round } = await federation.clock();
    await expect(act(staged, 'federation', 'submitUpdate', [...submission(staged.address, round)]))
      .to.emit(federation, 'UpdateSubmitted')
      .withArgs(staged.address, ...submission(staged.address, round));
  });

  it('says what the contract that it calls says, in the very words', async () => {
    const staged = await stage();
    const joining = act(staged, 'federation', 'joinAsTrainer');
    await expect(joining).to.be.revertedWithCustomError(staged.stake, 'InsufficientStake').withArgs(0, trainerStakeWei);
  });

  it('attests as an elector: the federation takes its word, and proves two of them', async () => {
    const staged = await stage();
    await joinAs(staged, 'Aggregator');
    const { federation, challenges, operator, stranger, address, stake } = staged;
    expect(await federation.signsOf(address)).to.equal(2);
    const { edition } = await federation.clock();
    const roots = [id('inputs'), id('other inputs')] as const;
    const signed = await Promise.all(
      roots.map(async (inputsRoot) => {
        const { chainId } = await staged.ethers.provider.getNetwork();
        const domain = { name: 'Tributary', version: '1', chainId, verifyingContract: federation.target as string };
        const types = {
          Attestation: ['uint32 round', 'uint32 edition', 'bytes32 inputsRoot'].map((field) => {
            const [type, name] = field.split(' ') as [string, string];
            return { name, type };
          }),
        };
        const hash = TypedDataEncoder.hash(domain, types, { round: 1, edition, inputsRoot });
        return { signer: address, signature: await confirm(staged, operator, hash) };
      }),
    );
    await challenges.inputs
      .connect(stranger)
      .refuteSignatures(federation, 1, edition, ...roots, signed[0]!, signed[1]!);
    expect(await federation.isAggregator(address)).to.equal(false);
    expect(await stake.bondedWei(federation, address)).to.equal(0);
  });

  it('gives its owner everything: the role, the stake, the tokens, the payee', async () => {
    const staged = await stage();
    await joinAs(staged, 'Aggregator');
    await act(staged, 'rewards', 'enrol', [staged.owner.address]);
    const { account, owner, stake, token, time, federation, thief, rewards } = staged;
    const command = (contract: Named, method: string, args: readonly unknown[] = [], by = owner) => {
      const [target, data] = call(staged, contract, method, args);
      return account.connect(by).executeAsOwner(target, 0, data);
    };
    await expect(command('federation', 'leaveAsAggregator', [], thief)).to.be.revertedWithCustomError(
      account,
      'OwnableUnauthorizedAccount',
    );
    await command('rewards', 'setPayee', [staged.address, thief.address]);
    expect((await rewards.accountOf(account)).payee).to.equal(thief.address);
    await command('federation', 'leaveAsAggregator');
    await command('stake', 'requestUnbond', [federation.target, aggregatorBondWei]);
    await time.increase(10_000);
    await command('stake', 'withdraw', [federation.target]);
    await command('token', 'transfer', [owner.address, trainerStakeWei + aggregatorBondWei]);
    expect(await token.balanceOf(owner)).to.equal(trainerStakeWei + aggregatorBondWei);
    expect(await stake.bondedWei(federation, account)).to.equal(0);
  });

  it('changes its owner in two steps, and is never without one', async () => {
    const { account, owner, thief, operator } = await stage();
    await expect(account.connect(owner).renounceOwnership()).to.be.revertedWithCustomError(account, 'OwnerIsNeeded');
    await expect(account.connect(operator).transferOwnership(operator)).to.be.revertedWithCustomError(
      account,
      'OwnableUnauthorizedAccount',
    );
    await account.connect(owner).transferOwnership(thief);
    expect(await account.owner()).to.equal(owner.address);
    await account.connect(thief).acceptOwnership();
    expect(await account.owner()).to.equal(thief.address);
  });

  it('is not called back while it is paid, nor by what it calls', async () => {
    const staged = await stage();
    const { account, owner, ethers } = staged;
    const other = await ethers.deployContract('ContractAccount');
    const again = account.interface.encodeFunctionData('executeAsOwner', [owner.address, 1n, '0x']);
    await other.reenter(account, again);
    await owner.sendTransaction({ to: account, value: 3n });
    await account.connect(owner).executeAsOwner(other, 1n, '0x');
    expect(await other.reentered()).to.equal(0);
    expect(await ethers.provider.getBalance(account)).to.equal(2n);
  });

  it('stakes as an evaluator too', async () => {
    const { evaluatorStakeWei } = rewardParameters;
    const staged = await stage(evaluatorStakeWei);
    await act(staged, 'token', 'approve', [staged.stake.target, evaluatorStakeWei]);
    await act(staged, 'stake', 'deposit', [staged.rewards.target, evaluatorStakeWei]);
    await act(staged, 'rewards', 'enrol', [staged.owner.address]);
    await act(staged, 'rewards', 'joinAsEvaluator');
    expect(await staged.rewards.isEvaluator(staged.address)).to.equal(true);
  });
});
