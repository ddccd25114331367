// Fetches the newest model of a federation from its nodes, checks it against the chain, and recomputes its round from the updates:
//   node verify.js deployment.json
import { connectFederation, fetchModel, recomputeRound } from 'tributary';
import { readDeployment } from 'tributary/node';

const followed = await connectFederation(readDeployment(process.argv[2]));
const signal = AbortSignal.timeout(60_000);
await fetchModel(followed, { round: 'newest', signal }, async ({ round, modelRoot, model }) => {
  console.log(`The model of round ${round}, ${model.length} parameters, is the one that the chain names: ${modelRoot}`);
  const { inputs, wrong } = await recomputeRound(followed, round, signal);
  console.log(`Its ${inputs} updates lead to ${wrong === undefined ? 'the very same' : `another: ${wrong}`}.`);
});
followed.close();
