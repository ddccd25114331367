/** Bytes of the states in core/columns.ts. */
import { chunkCoordinates } from '../numbers.ts';

/** 64 × uint64. */
export const meanStateBytes = 8 * chunkCoordinates;
/** 64 × int16, 64 × int16, 64 × uint32, 64 × 4 uint16. */
export const cutStateBytes = 16 * chunkCoordinates;
