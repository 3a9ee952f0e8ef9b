import type { Attempt } from '@mysmtp/contracts';
import type { Security } from '@mysmtp/smtp-client';

/** What is known about the encryption of a session. All `null` if none was opened. */
export type TransportEvidence = Required<
  Pick<Attempt, 'tlsVersion' | 'cipher' | 'verifiedBy' | 'certificateProblem' | 'clearBecause'>
>;

export const noTransport: TransportEvidence = {
  tlsVersion: null,
  cipher: null,
  verifiedBy: null,
  certificateProblem: null,
  clearBecause: null,
};

/** The evidence of an open session. Delivery verifies no certificate by DANE or MTA-STS. */
export function evidenceOf(security: Security): TransportEvidence {
  if (!security.tls) return { ...noTransport, clearBecause: security.because };
  return {
    tlsVersion: security.version,
    cipher: security.cipher,
    verifiedBy: security.isAuthorized ? 'pkix' : null,
    certificateProblem: security.authorizationError,
    clearBecause: null,
  };
}
