/**
 * The documents in docs/balancing-tests, with their SHA-256. In each of them a legitimate interest is
 * balanced against those of the persons concerned (GDPR Art. 6(1)(f)). Certificates cite them by hash, so a
 * change of a document changes the coverage.
 */
const sha256Of = {
  'security-log': '05a30d66aa641b8b8c743d03da2cdbcd43c104f11d090edf691767d867d5fb26',
  'recipient-sketches': 'f8fe645793ff1e012cb87cabc5b3e6918e9e4a7a9c56a5037c1073cbd7e96f65',
} as const;

export type BalancingTestId = keyof typeof sha256Of;

export const balancingTestIds = Object.keys(sha256Of) as [BalancingTestId, ...BalancingTestId[]];

/** How a certificate cites the document. */
export const citationOf = (id: BalancingTestId): string =>
  `balancing test docs/balancing-tests/${id}.md, SHA-256 ${sha256Of[id]}`;
