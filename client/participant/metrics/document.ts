/**
 * What an evaluator has measured of the models of rounds, as the JSON document `/metrics`, signed by its key (EIP-191, or EIP-1271 of an
 * account that is a contract). Nothing on chain depends on it: nobody is paid for it, and nobody loses stake by it.
 */
import { hashMessage, verifyMessage } from 'ethers';
import { z } from 'zod/v4';
import { addressSchema, normalizeAddress } from '../../chain/address.ts';
import type { Addresses } from '../../chain/connect.ts';
import { isSignedByContract } from '../../chain/contractSignatures.ts';
import type { FederationClient } from '../../chain/federation.ts';
import { metricNames, parseWith } from '../../core/task.ts';

export const metricsPath = '/metrics';

/** So many of the newest are served. */
export const mostMeasured = 4096;
/** Of one in a document. */
const bytesPerMeasured = 256;
export const maxMetricsBytes = mostMeasured * bytesPerMeasured + 1024;

export const measuredSchema = z.strictObject({
  round: z.int().min(1),
  /** Of the model that was measured. */
  modelRoot: z.string().regex(/^0x[0-9a-f]{64}$/, '32 bytes as 0x and 64 hex digits'),
  metric: z.enum(metricNames),
  /** A number as JSON writes it: a text, since it is signed as it stands. */
  value: z
    .string()
    .regex(/^-?\d+(\.\d+)?(e[+-]?\d+)?$/, 'a number as JSON writes it')
    .max(40),
});

/** The value of one metric of the model of one round. */
export type Measured = z.infer<typeof measuredSchema>;

const documentSchema = z.strictObject({
  evaluator: addressSchema,
  measured: z.array(measuredSchema).max(mostMeasured),
  signature: z.string().regex(/^0x([0-9a-f]{2}){1,112}$/),
});

/** Ascending by round. */
export async function signMetrics(
  addresses: Addresses,
  evaluator: string,
  measured: readonly Measured[],
  sign: (text: string) => Promise<string>,
): Promise<unknown> {
  return { evaluator, measured, signature: await sign(metricsMessage(addresses, evaluator, measured)) };
}

/** Undefined where it is not of this evaluator, or not signed by it. Errors: CONFIG_INVALID where it is no such document; CHAIN_UNREACHABLE. */
export async function readMetrics(
  { addresses, provider }: Pick<FederationClient, 'addresses' | 'provider'>,
  evaluator: string,
  document: unknown,
): Promise<Measured[] | undefined> {
  const { measured, signature, ...said } = parseWith(documentSchema, document, 'metrics');
  if (said.evaluator !== evaluator) return undefined;
  const message = metricsMessage(addresses, evaluator, measured);
  if (signerOf(message, signature) === evaluator) return measured;
  const asked = { asker: addresses.federation, account: evaluator, digest: hashMessage(message), signature };
  return (await isSignedByContract(provider, asked)) ? measured : undefined;
}

function signerOf(message: string, signature: string): string | undefined {
  try {
    return verifyMessage(message, signature);
  } catch {
    return undefined;
  }
}

function metricsMessage({ chainId, federation }: Addresses, evaluator: string, measured: readonly Measured[]): string {
  const head = `Tributary metrics\nchain ${chainId}\nfederation ${normalizeAddress(federation)}\nevaluator ${evaluator}`;
  const lines = measured.map(({ round, modelRoot, metric, value }) => `${round} ${modelRoot} ${metric} ${value}`);
  return [head, ...lines].join('\n');
}
