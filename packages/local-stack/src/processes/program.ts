/** A process that the stack keeps running: how to start it, when it is ready, how it wants to end. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** May reject with what it still waits for. */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to become ready, and to end after `stopSignal`. Milliseconds. */
  readonly startTimeout: number;
  readonly stopTimeout: number;
  readonly stopSignal: NodeJS.Signals;
}
