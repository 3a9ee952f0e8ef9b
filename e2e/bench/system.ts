/** What a load can be sent to. */
export interface System {
  readonly product: string;
  /** Where it takes mail for the sink. */
  readonly port: number;
  /** CPU time used so far by each of its parts, in microseconds. */
  cpu(): Record<string, number>;
  /** Waits until what belongs to the mail sent so far is done, with nothing left to the next round. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A row of the table: a system and what is sent to it. */
export interface Row {
  readonly name: string;
  readonly system: System;
  readonly from: string;
}
