/** A process of the stack: its start command, its readiness check, its stop signal. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** May reject with the missing conditions. */
  readonly isReady: () => Promise<boolean>;
  /** Time limits to become ready, and to end after `stopSignal`. Milliseconds. */
  readonly startTimeout: number;
  readonly stopTimeout: number;
  readonly stopSignal: NodeJS.Signals;
}
