import type { Step } from '@mysmtp/tooling';
import type { Plan } from './programs.ts';

/** How a stack is started, from the command line or by a test. */
export interface StartOptions {
  readonly dir: string;
  /** Begins again with nothing. */
  readonly fresh?: boolean;
  /** Restarts services when their sources change. */
  readonly dev?: boolean;
  /** `HOST:PORT`: all mail goes there instead of to the local MX. */
  readonly smarthost?: string | undefined;
  /** `ADDRESS/BITS`: opens the third listener for the demo tenant's clients in that network. */
  readonly network?: string | undefined;
  /** More settings, or others, for single services. */
  readonly env?: Plan['env'];
  /** Ports as the documents name them, where they are free; otherwise any. */
  readonly usualPorts?: boolean;
  readonly progress?: (line: string) => void;
  /** Shows work that takes a while; without it such work is a line of `progress`. */
  readonly step?: Step;
  /** Gives up starting: what runs by then is stopped. */
  readonly signal?: AbortSignal;
  /** Ends every process at once, with SIGKILL, while starting or stopping. */
  readonly hurry?: AbortSignal;
}
