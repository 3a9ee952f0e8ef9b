import type { Step } from '@mysmtp/tooling';
import type { Plan } from './programs.ts';

/** The options of a start, by the command line or by a test. */
export interface StartOptions {
  readonly dir: string;
  /** Starts with empty data. */
  readonly fresh?: boolean;
  /** Restarts services if their sources change. */
  readonly dev?: boolean;
  /** `HOST:PORT`: all mail goes there instead of to the local MX. */
  readonly smarthost?: string | undefined;
  /** `ADDRESS/BITS`: opens the third listener for the demo tenant's clients in that network. */
  readonly network?: string | undefined;
  /** Additional or different settings for single services. */
  readonly env?: Plan['env'];
  /** The documented ports if they are free; otherwise any. */
  readonly usualPorts?: boolean;
  readonly progress?: (line: string) => void;
  /** Shows a slow step; without it the step is a line of `progress`. */
  readonly step?: Step;
  /** Cancels the start: running processes are stopped. */
  readonly signal?: AbortSignal;
  /** Ends every process at once, with SIGKILL, while starting or stopping. */
  readonly hurry?: AbortSignal;
}
