import { networkInterfaces } from 'node:os';

/** Whether this machine has a loopback address of IPv6, which containers often lack. */
export const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
