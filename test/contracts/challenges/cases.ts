/** For every challenge one fault. */
import { aggregateCases } from './aggregateCases.ts';
import type { Case, Fault } from './fault.ts';
import { inputCases } from './inputCases.ts';
import { trainerCases } from './trainerCases.ts';

export const cases: readonly Case[] = [...aggregateCases, ...inputCases, ...trainerCases];

/** The calldata of the challenge. */
export async function encodeCase({ contract, method }: Case, { staged, proposal, args }: Fault): Promise<string> {
  const { challenges, federation } = staged;
  const against = proposal === undefined ? [] : [proposal];
  return challenges[contract].interface.encodeFunctionData(
    method as never,
    [await federation.getAddress(), ...against, ...args] as never,
  );
}
