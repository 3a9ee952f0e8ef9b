import { outlives, type Outliving } from './outlives.ts';

/** A version of the coverage that was ever used, with what it does not say itself. */
export interface RegistryVersion {
  readonly version: number;
  /** Certificates of this version are dated from here on (RFC 3339), … */
  readonly from: string;
  /** … and before this; `null`: it is in use. */
  readonly until: string | null;
  /** What outlives every erasure by this version, beside what its stores keep; from 6 on it says so itself. */
  readonly outlives?: readonly Outliving[];
}

const request = outlives[0];
const day = 86_400_000;

/** As certificates said it until version 4. */
const before5: readonly Outliving[] = [
  ...(request === undefined ? [] : [request]),
  ...['', ', as long as logs are kept'].map((end) => ({
    category: `Log lines with ids of our own making, such as that of the account${end}`,
    ground:
      'Security and evidence of operation (GDPR Art. 6(1)(f)); no name, address or domain is in them.',
    until: null,
  })),
  {
    category: 'Backups of the vault with the destroyed root, apart from all data',
    ground:
      'Availability (GDPR Art. 32(1)(c)); without the data, which they do not have, a root opens nothing.',
    until: { after: 'completedAt', milliseconds: 3 * day },
  },
];

/**
 * The time in which each version was in use. A version ends 90 days after the
 * day on which the next one came: installations are upgraded by then. Versions 1 to 3 were in no
 * release and ended with the day of the next one.
 */
export const registryVersions: readonly RegistryVersion[] = [
  { version: 1, from: '2026-11-24T00:00:00Z', until: '2026-11-25T00:00:00Z', outlives: [] },
  { version: 2, from: '2026-11-24T00:00:00Z', until: '2026-11-29T00:00:00Z', outlives: before5 },
  { version: 3, from: '2026-11-28T00:00:00Z', until: '2026-11-29T00:00:00Z', outlives: before5 },
  { version: 4, from: '2026-11-28T00:00:00Z', until: '2027-02-27T00:00:00Z', outlives: before5 },
  { version: 5, from: '2026-11-29T00:00:00Z', until: '2027-02-28T00:00:00Z', outlives },
  { version: 6, from: '2026-11-29T00:00:00Z', until: null },
];
