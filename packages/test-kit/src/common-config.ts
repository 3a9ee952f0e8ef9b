/**
 * The settings of every service (`commonSettings`), for a test that builds a configuration itself. Without ports,
 * URLs and files.
 */
export const commonConfig = {
  logLevel: 'debug',
  backEndsWithoutTls: false,
  checkReplies: true,
  bindAddress: '127.0.0.1',
  apiTlsCertFile: undefined,
  apiTlsKeyFile: undefined,
  apiWithoutTls: false,
  internalTlsCertFile: undefined,
  internalTlsKeyFile: undefined,
  internalTlsCaFile: undefined,
  stopDeadline: 10_000,
  processLease: 10_000,
  keyFreshness: 60_000,
  serviceAccounts: undefined,
  serviceTokenDir: '',
} as const;
