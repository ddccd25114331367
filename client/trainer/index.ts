/**
 * `tributary/trainer`: a trainer inside of a program of one's own, in Node.js.
 * @module
 */
export { type TakePartOptions, takePart } from './takePart.ts';
export type { OwnTraining, RoundToTrain, RoundTraining, Training } from './training.ts';
