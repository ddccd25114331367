/** The project as it is, but for its contracts: those of cache/mutants, too large for a real chain, quickly compiled. */
import { join } from 'node:path';
import { defineConfig } from 'hardhat/config';
import base from '../../hardhat.config.ts';

const scratch = join(import.meta.dirname, '..', '..', 'cache', 'mutants');
const { solidity, ...rest } = base as { solidity: { compilers: [{ version: string; path: string }] } } & typeof base;
const [{ version, path }] = solidity.compilers;

export default defineConfig({
  ...rest,
  solidity: {
    version,
    path,
    settings: {
      viaIR: true,
      evmVersion: 'cancun',
      // stack to memory, nothing else: code for thousands of choices takes long enough
      optimizer: {
        enabled: false,
        details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: 'u:' } },
      },
    },
  },
  paths: {
    sources: join(scratch, 'contracts'),
    artifacts: join(scratch, 'artifacts'),
    cache: join(scratch, 'cache'),
    tests: { mocha: 'test/contracts', solidity: join(scratch, 'contracts') },
  },
  typechain: { outDir: join(scratch, 'types') },
  networks: {
    default: {
      type: 'edr-simulated',
      chainType: 'l1',
      allowBlocksWithSameTimestamp: true,
      allowUnlimitedContractSize: true,
      gas: 2 ** 27,
      blockGasLimit: 2 ** 28,
      transactionGasCap: 2 ** 28,
    },
  },
});
