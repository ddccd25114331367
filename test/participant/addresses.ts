/** Those of a federation of which only the federation's and the rewards' are looked at. */
import type { Addresses } from '../../client/chain/connect.ts';
import { developmentWallet } from '../../client/node/key.ts';

const none = '';
export const addresses: Addresses = {
  chainId: 31_337,
  token: none,
  stake: none,
  federation: developmentWallet(7).address,
  rewards: developmentWallet(6).address,
  challenges: {
    AggregateChallenges: none,
    InputChallenges: none,
    TrainerChallenges: none,
    Openings: none,
    RewardChallenges: none,
  },
  policy: none,
  governance: { treasury: none, governor: none, votingPower: none, factory: none, governedCalls: none },
};
