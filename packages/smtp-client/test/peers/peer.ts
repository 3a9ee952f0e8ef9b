import type { Certificates } from '@mysmtp/local-stack';

/** The limits of a mail server. */
export interface Limits {
  /** Octets of a message. */
  readonly size: number;
  /** Recipients of a transaction. */
  readonly recipients: number;
  /** Messages of a connection. */
  readonly messages: number;
  /** Seconds without a command. */
  readonly idle: number;
}

/** Refuses refused@example.org, accepts every other mailbox of example.org, and offers STARTTLS. */
export interface PeerOptions {
  /** For its files. Empty, and removed by the caller. */
  readonly dir: string;
  readonly port: number;
  readonly certificates: Certificates;
  readonly limits: Limits;
}

export interface Peer {
  /** A file for each message that it has delivered. */
  readonly mailDir: string;
  stop(): Promise<void>;
}
