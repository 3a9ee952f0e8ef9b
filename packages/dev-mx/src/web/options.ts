import type { Maildir } from '../maildir.ts';

/** What the pages need to know. */
export interface WebOptions {
  readonly maildir: Maildir;
  /** Where mail is taken, as the page says it. */
  readonly smtp: string;
  readonly hint: string | undefined;
  readonly isHealthy: () => boolean;
}
