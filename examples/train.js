// Joins a federation as a trainer, with its own data and its own training function: node train.js deployment.json
import { takePart } from 'tributary/trainer';
import { samples, train } from './logistic.js';

// the key is TRIBUTARY_PRIVATE_KEY; on a chain for development, one of those that everybody knows
const devAccount = process.env.TRIBUTARY_PRIVATE_KEY ? undefined : Number(process.env.DEV_ACCOUNT ?? 1);
const options = { deployment: process.argv[2], data: `.tributary/trainer-${devAccount ?? ''}`, devAccount, rounds: 2 };
const onEvent = ({ event, round, loss }) =>
  event === 'trained' && console.log(`round ${round}: loss ${loss.toFixed(4)}`);
console.log(await takePart({ ...options, onEvent }, { samples: samples.length, train }));
