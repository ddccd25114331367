// Joins a federation as a trainer, with its own data and its own training function:
//   TRIBUTARY_PRIVATE_KEY=0x… node train.js deployment.json
import { takePart } from 'tributary/trainer';

const samples = Array.from({ length: 120 }, (_, i) => ({ x: [Math.sin(i), Math.cos(i)], label: i % 2 }));
const devAccount = process.env.TRIBUTARY_PRIVATE_KEY ? undefined : Number(process.env.DEV_ACCOUNT ?? 1);
const options = { deployment: process.argv[2], data: `.tributary/trainer-${devAccount}`, devAccount, rounds: 2 };

// logistic regression by plain gradient steps: the parameters are the kernel [2 × 2] and the biases [2], one after the other
function train(parameters, { round }) {
  let loss = 0;
  for (const { x, label } of samples) {
    const logits = [0, 1].map((k) => x[0] * parameters[k] + x[1] * parameters[2 + k] + parameters[4 + k]);
    const total = Math.exp(logits[0]) + Math.exp(logits[1]);
    for (const k of [0, 1]) {
      const error = Math.exp(logits[k]) / total - (k === label ? 1 : 0);
      for (const [i, value] of [x[0], x[1], 1].entries()) parameters[2 * i + k] -= 0.1 * error * value;
    }
    loss -= (logits[label] - Math.log(total)) / samples.length;
  }
  console.log(`round ${round}: loss ${loss.toFixed(4)}`);
  return { parameters, loss };
}

console.log(await takePart(options, { samples: samples.length, train }));
