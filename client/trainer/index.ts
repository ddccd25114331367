/** `tributary/trainer`: a trainer inside of a program of one's own, in Node.js. */
export { type TakePartOptions, takePart } from './takePart.ts';
export type { OwnTraining, RoundToTrain } from './training.ts';
