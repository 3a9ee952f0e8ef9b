/** A system that can receive a load. */
export interface System {
  readonly product: string;
  /** The address at which it accepts mail for the sink. */
  readonly port: number;
  /** CPU time used so far by each of its parts, in microseconds. */
  cpu(): Record<string, number>;
  /** Waits until the work for the mail sent so far is done, so that none is left for the next round. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A row of the table: a system and its load. */
export interface Row {
  readonly name: string;
  readonly system: System;
  readonly from: string;
}
