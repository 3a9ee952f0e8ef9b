/** mx-connect 2 has no types of its own; this is the part that we use. */
declare module 'mx-connect' {
  import type { Socket } from 'node:net';

  interface Options {
    readonly target: string;
    readonly mx: { exchange: string; priority: number; A?: string[]; AAAA?: string[] }[];
    readonly port: number;
    /** Milliseconds for each address. */
    readonly maxConnectTime: number;
    /** Addresses not to try. */
    readonly ignoreMXHosts: readonly string[];
    readonly mxLastError?: Error | undefined;
    readonly dnsOptions: {
      readonly blockLocalAddresses: boolean;
      readonly resolveRecords: (name: string, type: 'A' | 'AAAA') => Promise<string[]>;
    };
  }

  interface Connected {
    readonly socket: Socket;
    readonly hostname: string;
    /** The address. */
    readonly host: string;
  }

  export default function mxConnect(options: Options): Promise<Connected>;
}
