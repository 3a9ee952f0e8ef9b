/** A system that can receive a load. */
export interface System {
  readonly product: string;
  /** When an accepted message is on the disk. */
  readonly durability: string;
  /** The address at which it accepts mail for the sink. */
  readonly port: number;
  /** The first processes of each of its parts; their descendants belong to the part too. */
  roots(): Readonly<Record<string, readonly number[]>>;
  /** Waits until the work for the mail sent so far is done, so that none is left for the next round. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** A row of the table: a system and its load. */
export interface Row {
  readonly name: string;
  readonly system: System;
  readonly from: string;
  /** Over TLS and with AUTH; without it in clear text and without AUTH. */
  readonly account?: Account;
}

/** What a client needs to submit over TLS with AUTH. */
export interface Account {
  readonly port: number;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
}
