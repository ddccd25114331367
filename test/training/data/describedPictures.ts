import { type DataDescription, dataDescriptionSchema } from '../../../client/core/data/description.ts';

/** What a task says of pictures of this shape: [channels, height, width]. */
export function describedPictures(
  [channels, height, width]: readonly [number, number, number],
  { classes = ['cat', 'dog'], ...more }: { classes?: string[]; normalisation?: object; valueRange?: number[] } = {},
): DataDescription {
  return dataDescriptionSchema.parse({ kind: 'images', channels, height, width, classes, ...more });
}
