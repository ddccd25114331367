import { expect } from 'chai';
import { deploy, deployFederation, parameters, task } from './deployment.ts';
import { baseHash } from './round.ts';

const year = 365 * 24 * 3600;
const words = 2n ** 256n - 1n;

/** What is out of bounds: field, value, least, most. */
const wrongParameters: [Partial<typeof parameters>, bigint, bigint][] = [
  [{ trainerStakeWei: 0n }, 1n, 2n ** 128n - 1n],
  [{ aggregatorBondWei: 0n }, 1n, 2n ** 128n - 1n],
  [{ submissionSeconds: 0 }, 1n, BigInt(year)],
  [{ submissionSeconds: year + 1 }, 1n, BigInt(year)],
  [{ turnSeconds: 0 }, 1n, BigInt(year)],
  [{ challengeSeconds: 0 }, 1n, BigInt(year)],
  [{ unbondingSeconds: 1219 }, 1220n, BigInt(16 * year)],
  [{ minimumUpdates: 65_536 }, 0n, 65_535n],
  [{ maxWeight: 0 }, 1n, 65_535n],
  [{ maxSquaredNorm: 0n }, 1n, 2n ** 53n - 1n],
  [{ maxSquaredNorm: 2n ** 53n }, 1n, 2n ** 53n - 1n],
  [{ trimBasisPoints: 1 }, 0n, 0n],
  [{ answerSeconds: 0 }, 1n, 83n],
  [{ answerSeconds: 84 }, 1n, 83n],
  [{ challengerBasisPoints: 5_001 }, 0n, 5_000n],
  [{ attestationBasisPoints: 4_999 }, 5_000n, 9_999n],
  [{ attestationBasisPoints: 10_000 }, 5_000n, 9_999n],
  [{ demandBondWei: 0n }, 1n, 2n ** 96n - 1n],
  [{ reputationFloorBasisPoints: 999 }, 1_000n, 10_000n],
  [{ reputationFloorBasisPoints: 10_001 }, 1_000n, 10_000n],
];
const wrongTasks: [Partial<typeof task>, bigint, bigint][] = [
  [{ manifestCid: `0x${'00'.repeat(32)}` }, 1n, words],
  [{ genesisModelRoot: `0x${'00'.repeat(32)}` }, 1n, words],
  [{ genesisModelCid: `0x${'00'.repeat(32)}` }, 1n, words],
  [{ dimension: 0n }, 1n, 2n ** 27n],
  [{ ringSize: 2 }, 3n, 64n],
  [{ ringSize: 65 }, 3n, 64n],
  [{ startTrainers: 0 }, 1n, 65_535n],
];

describe('Federation: its parameters', () => {
  for (const [kind, cases] of [
    ['parameters', wrongParameters],
    ['task', wrongTasks],
  ] as const) {
    for (const [change, least, most] of cases) {
      const [name, value] = Object.entries(change)[0]!;
      it(`refuse ${name} = ${value}`, async () => {
        const { federation } = await deploy();
        await expect(deploy({ [kind]: change }))
          .to.be.revertedWithCustomError(federation, 'ParameterOutOfBounds')
          .withArgs(name, BigInt(value), least, most);
      });
    }
  }

  it('refuse a trim of nothing or of half for the trimmed mean', async () => {
    const { federation } = await deploy();
    for (const trimBasisPoints of [0, 5_000]) {
      await expect(deploy({ parameters: { rule: 2, trimBasisPoints } }))
        .to.be.revertedWithCustomError(federation, 'ParameterOutOfBounds')
        .withArgs('trimBasisPoints', trimBasisPoints, 1, 4_999);
    }
    await deploy({ parameters: { rule: 2, trimBasisPoints: 4_999 } });
  });

  it('refuse a stake or a policy at the zero address', async () => {
    const deployment = await deploy();
    const { federation, stake, policy, ethers } = deployment;
    const nobody = ethers.ZeroAddress;
    for (const at of [
      { stake: nobody, policy },
      { stake, policy: nobody },
    ]) {
      await expect(deployFederation({ ...deployment, ...at }, {}, [])).to.be.revertedWithCustomError(
        federation,
        'ZeroAddress',
      );
    }
  });

  it('refuse a challenge contract at the zero address', async () => {
    const deployment = await deploy();
    await expect(deployFederation(deployment, {}, [`0x${'00'.repeat(20)}`])).to.be.revertedWithCustomError(
      deployment.federation,
      'ZeroAddress',
    );
  });

  it('are read back as they were given', async () => {
    const { federation } = await deploy();
    expect(await federation.parameters()).to.deep.equal([...Object.values(parameters).map(BigInt)]);
    expect(await federation.task()).to.deep.equal(
      Object.values(task).map((value) => (typeof value === 'number' ? BigInt(value) : value)),
    );
    expect(await federation.baseHash()).to.equal(baseHash(task.genesisModelRoot));
  });
});
