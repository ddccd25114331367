/** What is wrong with a certificate, by the codes of OpenSSL as Node.js gives them (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const faults: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
  CERT_REVOKED: 'was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  HOSTNAME_MISMATCH: 'is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that this machine does not trust',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes without the chain up to an authority that this machine knows',
};

/** A part of a sentence; undefined where the failure is none of TLS. */
export function describeTlsFailure(code: string): string | undefined {
  const fault = faults[code];
  if (fault !== undefined) return `its TLS certificate ${fault} (${code})`;
  if (/^(CERT|CRL|UNABLE_TO|INVALID_(CA|PURPOSE)|PATH_LENGTH|ERR_TLS_CERT)/.test(code)) {
    return `its TLS certificate cannot be verified (${code})`;
  }
  return /^(EPROTO$|ERR_SSL|ERR_TLS)/.test(code) ? `it does not speak TLS as it should (${code})` : undefined;
}
