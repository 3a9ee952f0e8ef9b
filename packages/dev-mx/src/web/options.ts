import type { Maildir } from '../maildir.ts';

/** The parameters of the pages. */
export interface WebOptions {
  readonly maildir: Maildir;
  /** The SMTP address that the page shows. */
  readonly smtp: string;
  readonly hint: string | undefined;
  readonly isHealthy: () => boolean;
}
