// A data set and a training function of one's own: logistic regression by plain gradient steps.
export const samples = Array.from({ length: 120 }, (_, i) => ({
  x: [Math.sin(i), Math.cos(i)],
  label: Math.sin(i + 1) > 0 ? 1 : 0,
}));

// The parameters are the kernel, [2 inputs × 2 classes], and the biases, [2], one after the other.
export function train(parameters) {
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
  return { parameters, loss };
}
