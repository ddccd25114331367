import { expect } from 'chai';
import { id as hashOf, ZeroAddress, ZeroHash } from 'ethers';
import { linkedCode } from '../../../client/contracts/link.ts';
import { callOf, decide, deploySystem, deployTask, pass, propose, type System, taskTerms } from './system.ts';

const salt = hashOf('second task');

async function deploySecond(system: System, author = system.stranger) {
  const terms = { ...taskTerms(ZeroAddress), salt };
  const contracts = await deployTask(author, system.shared, terms);
  return { contracts, id: await system.factory.taskId(author.address, salt) };
}

/** The arguments of the factory's three steps. */
function steps(system: System, author = system.stranger) {
  const { factory } = system;
  const { parameters, rewardParameters, task, licenceCid, termsCid } = taskTerms(ZeroAddress);
  const mine = factory.connect(author);
  const code = (name: 'Policy' | 'Rewards' | 'Federation') => linkedCode(name, system.shared.libraries);
  const documents = { manifestCid: task.manifestCid, licenceCid: licenceCid!, termsCid: termsCid! };
  return {
    policy: (bytes = code('Policy')) =>
      mine.deployPolicy(salt, bytes, ZeroAddress, parameters as never, rewardParameters as never, documents),
    rewards: (bytes = code('Rewards')) => mine.deployRewards(salt, bytes),
    federation: (bytes = code('Federation'), manifestCid = task.manifestCid) =>
      mine.deployFederation(salt, bytes, { ...task, manifestCid } as never),
  };
}

describe('FederationFactory', () => {
  it('deploys tasks that share token, stake and treasury, where it says beforehand', async () => {
    const system = await deploySystem();
    const { ethers, factory, stake, treasury, stranger, federation } = system;
    const expected = await factory.contractsOf(await factory.taskId(stranger.address, salt));
    const { contracts } = await deploySecond(system);
    expect([contracts.policy, contracts.rewards, contracts.federation]).to.deep.equal([...expected]);
    const second = await ethers.getContractAt('Federation', contracts.federation);
    expect(await second.stake()).to.equal(await stake.getAddress());
    expect(await second.policy()).to.equal(contracts.policy);
    const { RewardChallenges: ofRewards, ...ofRounds } = system.shared.challenges;
    for (const judge of Object.values(ofRounds)) expect(await second.isChallengeContract(judge)).to.equal(true);
    for (const none of [ofRewards, contracts.rewards]) expect(await second.isChallengeContract(none)).to.equal(false);
    const policy = await ethers.getContractAt('Policy', contracts.policy);
    expect([await policy.owner(), await policy.federation(), await policy.rewards()]).to.deep.equal([
      await treasury.getAddress(),
      contracts.federation,
      contracts.rewards,
    ]);
    expect(contracts.federation).not.to.equal(await federation.getAddress());
  });

  it('governs a task from the vote that starts it', async () => {
    const system = await deploySystem();
    const { ethers, factory, governedCalls, founder } = system;
    const first = await factory.taskId(founder.address, ZeroHash);
    expect(await factory.startedTasks()).to.deep.equal([first]);
    const { contracts, id } = await deploySecond(system);
    const policy = await ethers.getContractAt('Policy', contracts.policy);
    const retire = await callOf(policy, 'retire', []);
    expect(await factory.isStartedPolicy(contracts.policy)).to.equal(false);
    await expect(propose(system, [retire])).to.be.revertedWithCustomError(governedCalls, 'CallNotGoverned');
    await pass(system, await callOf(factory, 'startTask', [id]));
    expect(await factory.startedTasks()).to.deep.equal([first, id]);
    expect(await factory.isStartedRewards(contracts.rewards)).to.equal(true);
    await pass(system, retire);
    expect((await policy.halt()).retired).to.equal(true);
    expect((await system.policy.halt()).retired).to.equal(false);
    const { operation } = await decide(system, [await callOf(factory, 'startTask', [id])]);
    await expect(system.governor.execute(...operation))
      .to.be.revertedWithCustomError(factory, 'AlreadyStarted')
      .withArgs(id);
  });

  it('starts a task by vote only, and only one that is deployed', async () => {
    const system = await deploySystem();
    const { factory, stranger } = system;
    const { id } = await deploySecond(system);
    await expect(factory.connect(stranger).startTask(id))
      .to.be.revertedWithCustomError(factory, 'NotTheOwner')
      .withArgs(stranger.address);
    const nothing = hashOf('nothing');
    await expect(propose(system, [await callOf(factory, 'startTask', [nothing])]))
      .to.be.revertedWithCustomError(factory, 'NotDeployed')
      .withArgs(nothing);
  });

  it('lets nobody choose what a task is after the vote on it has begun', async () => {
    const system = await deploySystem();
    const { factory, stranger } = system;
    const id = await factory.taskId(stranger.address, salt);
    const start = await callOf(factory, 'startTask', [id]);
    const mine = steps(system);
    await mine.policy();
    await mine.rewards();
    await expect(propose(system, [start]))
      .to.be.revertedWithCustomError(factory, 'NotDeployed')
      .withArgs(id);
    await mine.federation();
    await pass(system, start);
    expect(await factory.startedTasks()).to.include(id);
  });

  it('deploys known code only, in order, once, and nobody in another’s place', async () => {
    const system = await deploySystem();
    const { factory, stranger, others } = system;
    const id = await factory.taskId(stranger.address, salt);
    const mine = steps(system);
    const { libraries } = system.shared;
    await expect(mine.policy(linkedCode('Federation', libraries))).to.be.revertedWithCustomError(
      factory,
      'UnknownCode',
    );
    await expect(mine.rewards()).to.be.revertedWithCustomError(factory, 'NotDeployed').withArgs(id);
    await mine.policy();
    await expect(mine.policy()).to.be.revertedWithCustomError(factory, 'AlreadyDeployed').withArgs(id);
    await expect(mine.rewards(linkedCode('Policy'))).to.be.revertedWithCustomError(factory, 'UnknownCode');
    await expect(mine.federation()).to.be.revertedWithCustomError(factory, 'NotDeployed').withArgs(id);
    await expect(steps(system, others[0]!).rewards()).to.be.revertedWithCustomError(factory, 'NotDeployed');
    await mine.rewards();
    await expect(mine.rewards()).to.be.revertedWithCustomError(factory, 'AlreadyDeployed').withArgs(id);
    await expect(mine.federation(linkedCode('Policy'))).to.be.revertedWithCustomError(factory, 'UnknownCode');
    await expect(mine.federation(undefined, hashOf('another'))).to.be.revertedWithCustomError(factory, 'OtherManifest');
    await expect(mine.federation()).to.emit(factory, 'TaskDeployed');
    await expect(mine.federation()).to.be.revertedWithCustomError(factory, 'AlreadyDeployed').withArgs(id);
    const first = steps(system, system.founder);
    await first.policy();
    expect(await factory.startedTasks()).to.have.length(1);
  });

  it('says why a constructor refuses', async () => {
    const system = await deploySystem();
    const { factory, policy, stranger } = system;
    const { parameters, rewardParameters, task } = taskTerms(ZeroAddress);
    const documents = { manifestCid: task.manifestCid, licenceCid: ZeroHash, termsCid: ZeroHash };
    const wrong = { ...parameters, turnSeconds: 0 };
    const attempt = factory
      .connect(stranger)
      .deployPolicy(salt, linkedCode('Policy'), ZeroAddress, wrong as never, rewardParameters as never, documents);
    await expect(attempt)
      .to.be.revertedWithCustomError(policy, 'ParameterOutOfBounds')
      .withArgs('turnSeconds', 0, 1, 31_536_000);
  });

  it('lets nobody else use the deployer of a task', async () => {
    const system = await deploySystem();
    const { ethers, factory, stranger } = system;
    const deployer = await ethers.deployContract('TaskDeployer');
    await expect(deployer.connect(stranger).deploy('0x00'))
      .to.be.revertedWithCustomError(deployer, 'NotTheFactory')
      .withArgs(stranger.address);
    await expect(deployer.deploy('0xfe')).to.be.revertedWithCustomError(deployer, 'DeploymentFailed');
    expect(await factory.owner()).to.equal(await system.treasury.getAddress());
  });
});
