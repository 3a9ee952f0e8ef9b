import { day } from '../time.ts';
import type { Outliving } from './outlives.ts';

/** A version of the coverage that was ever used, with data that it does not contain itself. */
export interface RegistryVersion {
  readonly version: number;
  /** Certificates of this version are dated from here on (RFC 3339), … */
  readonly from: string;
  /** … and before this; `null`: it is the current version. */
  readonly until: string | null;
  /**
   * What was kept after every erasure by this version, in addition to its stores. Versions from 6 on
   * contain it themselves.
   */
  readonly outlives?: readonly Outliving[];
}

// In their original wording, which must not change.
const request = {
  category: 'privacy.erasures, privacy.erasureAnswers: this request, by ids and counts',
  ground: 'We must be able to show what we did (GDPR Art. 5(2)).',
  until: { after: 'requestedAt', milliseconds: 3 * 365 * day },
} as const;

const logLines = {
  category: 'Log lines with ids of our own making, such as that of the account',
  ground:
    'Security and evidence of operation (GDPR Art. 6(1)(f)); no name, address or domain is in them.',
} as const;

const until4: readonly Outliving[] = [
  request,
  { ...logLines, until: null },
  { ...logLines, category: `${logLines.category}, as long as logs are kept`, until: null },
  {
    category: 'Backups of the vault with the destroyed root, apart from all data',
    ground:
      'Availability (GDPR Art. 32(1)(c)); without the data, which they do not have, a root opens nothing.',
    until: { after: 'completedAt', milliseconds: 3 * day },
  },
];

const in5: readonly Outliving[] = [
  request,
  { ...logLines, until: 'the log store of the operator drops them' },
  {
    category: 'Backups of the vault with the destroyed root',
    ground:
      'Availability (GDPR Art. 32(1)(c)). The operator is told to keep them apart from all data, without which a root opens nothing.',
    until: 'the operator deletes them, who is told to do so within 72 hours',
  },
];

/**
 * The period of use of each version. A version ends 90 days after the day of the next one, because
 * installations are upgraded by then. Versions 1 to 3 were in no release and ended with the day of the
 * next one.
 */
export const registryVersions: readonly RegistryVersion[] = [
  { version: 1, from: '2026-11-24T00:00:00Z', until: '2026-11-25T00:00:00Z', outlives: [] },
  { version: 2, from: '2026-11-24T00:00:00Z', until: '2026-11-29T00:00:00Z', outlives: until4 },
  { version: 3, from: '2026-11-28T00:00:00Z', until: '2026-11-29T00:00:00Z', outlives: until4 },
  { version: 4, from: '2026-11-28T00:00:00Z', until: '2027-02-27T00:00:00Z', outlives: until4 },
  { version: 5, from: '2026-11-29T00:00:00Z', until: '2027-02-28T00:00:00Z', outlives: in5 },
  { version: 6, from: '2026-11-29T00:00:00Z', until: '2027-02-28T00:00:00Z' },
  { version: 7, from: '2026-11-30T00:00:00Z', until: '2027-03-01T00:00:00Z' },
  { version: 8, from: '2026-11-30T00:00:00Z', until: '2027-03-01T00:00:00Z' },
  { version: 9, from: '2026-11-30T00:00:00Z', until: null },
];
