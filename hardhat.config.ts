import { fileURLToPath } from 'node:url';
import toolbox from '@nomicfoundation/hardhat-toolbox-mocha-ethers';
import { configVariable, defineConfig } from 'hardhat/config';

/** The compiler is an npm package: nothing is downloaded. */
const solcPath = fileURLToPath(import.meta.resolve('solc/soljson.js'));

/** @param runs How often a contract's code is expected to run: more makes calls cheaper and code longer. */
function compiler(runs: number) {
  // without the hash of the sources at the end of the code: a comment must not change what client/contracts/creationCode.ts holds
  const metadata = { bytecodeHash: 'none' };
  const settings = { viaIR: true, evmVersion: 'cancun', optimizer: { enabled: true, runs }, metadata };
  return { version: '0.8.37', path: solcPath, settings };
}

export default defineConfig({
  plugins: [toolbox],
  solidity: {
    // so few that the largest contracts fit 24,576 bytes
    compilers: [compiler(1_000)],
    // what has room for more: proofs, stake and votes
    overrides: Object.fromEntries(
      [
        'challenges/AggregateChallenges',
        'challenges/InputChallenges',
        'challenges/Openings',
        'challenges/RewardChallenges',
        'challenges/TrainerChallenges',
        'governance/TributaryGovernor',
        'governance/VotingPower',
        'staking/Stake',
      ].map((name) => [`contracts/${name}.sol`, compiler(10_000)]),
    ),
  },
  paths: { tests: { mocha: 'test/contracts', solidity: 'contracts' } },
  test: {
    // as in .mocharc.json
    mocha: { timeout: 1_800_000, parallel: true, jobs: 2 },
    solidity: {
      profiles: {
        default: { fuzz: { runs: 64 }, invariant: { runs: 32, depth: 64, failOnRevert: true } },
        /** `hardhat test solidity --test-profile long`: a million calls for each invariant. */
        long: { fuzz: { runs: 4096 }, invariant: { runs: 1000, depth: 1024, failOnRevert: true } },
      },
    },
  },
  networks: {
    // all that a transaction may have: estimated, one that is mined a second later may lack the 20,000 gas of a history's new entry
    default: { type: 'edr-simulated', chainType: 'l1', allowBlocksWithSameTimestamp: true, gas: 2 ** 24 },
    node: { type: 'edr-simulated', chainType: 'l1', chainId: 31337, allowBlocksWithSameTimestamp: true },
    localhost: { type: 'http', chainType: 'l1', url: 'http://127.0.0.1:8545' },
    sei: {
      type: 'http',
      chainId: 1329,
      url: configVariable('SEI_RPC_URL'),
      accounts: [configVariable('DEPLOYER_PRIVATE_KEY')],
    },
    seiTestnet: {
      type: 'http',
      chainId: 1328,
      url: configVariable('SEI_TESTNET_RPC_URL'),
      accounts: [configVariable('DEPLOYER_PRIVATE_KEY')],
    },
    evm: { type: 'http', url: configVariable('EVM_RPC_URL'), accounts: [configVariable('DEPLOYER_PRIVATE_KEY')] },
  },
});
