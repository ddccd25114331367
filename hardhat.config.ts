import { fileURLToPath } from 'node:url';
import toolbox from '@nomicfoundation/hardhat-toolbox-mocha-ethers';
import { configVariable, defineConfig, overrideTask } from 'hardhat/config';
import type { HardhatPlugin } from 'hardhat/types/plugins';
import type { CompilerInput } from 'hardhat/types/solidity';

/** The compiler is an npm package: nothing is downloaded. */
const solcPath = fileURLToPath(import.meta.resolve('solc/soljson.js'));

const sendableErrors = fileURLToPath(new URL('test/sendableErrors.ts', import.meta.url));

/** @param runs How often a contract's code is expected to run: more makes calls cheaper and code longer. */
function compiler(runs: number) {
  // without the hash of the sources at the end of the code: then most comments change nothing in client/contracts/creationCode.ts
  const metadata = { bytecodeHash: 'none' };
  const settings = { viaIR: true, evmVersion: 'cancun', optimizer: { enabled: true, runs }, metadata };
  return { version: '0.8.37', path: solcPath, settings };
}

/** What stands in the compiler's output for code that it was not asked for. */
const noCode = { object: '', opcodes: '', sourceMap: '', linkReferences: {} };

/**
 * Makes the code of the Solidity tests alone: what they import they deploy as it has been compiled already, see
 * contracts/test/Deploy.t.sol. Hardhat by itself has all of it compiled a second time.
 */
const compilesTestsAlone: HardhatPlugin = {
  id: 'tributary-compiles-tests-alone',
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        async invokeSolc(context, compiler, solcInput, config, next) {
          const tests = Object.keys(solcInput.sources).filter((name) => name.endsWith('.t.sol'));
          if (tests.length === 0) return await next(context, compiler, solcInput, config);
          const compile = (outputSelection: CompilerInput['settings']['outputSelection']) => {
            const settings = { ...solcInput.settings, outputSelection };
            return next(context, compiler, { ...solcInput, settings }, config);
          };
          // syntax and interfaces of everything: for the traces of what fails; asked for with any code, the compiler makes all code
          const described = await compile({ '*': { '': ['ast'], '*': ['abi', 'evm.methodIdentifiers'] } });
          if (described.errors?.some(({ severity }) => severity === 'error')) return described;
          const asked = solcInput.settings.outputSelection['*']!['*']!;
          const compiled = await compile(Object.fromEntries(tests.map((name) => [name, { '*': asked }])));
          for (const contracts of Object.values(described.contracts ?? {})) {
            for (const { evm } of Object.values(contracts)) {
              Object.assign(evm!, { bytecode: noCode, deployedBytecode: { ...noCode, immutableReferences: {} } });
            }
          }
          return {
            ...compiled,
            sources: described.sources,
            contracts: { ...described.contracts, ...compiled.contracts },
          };
        },
      }),
    }),
  },
};

/** The scripts deploy and call what client/contracts holds: compiling everything, tests too, would take minutes. */
const runsWithoutCompiling = overrideTask('run')
  .setInlineAction(async (args, _, runSuper) => await runSuper({ ...args, noCompile: true }))
  .build();

export default defineConfig({
  plugins: [toolbox, compilesTestsAlone],
  tasks: [runsWithoutCompiling],
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
    mocha: { timeout: 1_800_000, parallel: true, jobs: 2, require: [sendableErrors] },
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
