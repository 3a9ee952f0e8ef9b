import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** How a session uses TLS; the caller decides, the client never falls back by itself. */
export type TlsUse =
  /** STARTTLS if the server offers it (RFC 7435). If it fails, the session fails. */
  | (StartTls & { readonly use: 'if_offered' })
  /** STARTTLS, or the session fails. */
  | (StartTls & { readonly use: 'always' })
  /** In clear; `because` is repeated in the facts of the session. */
  | { readonly use: 'never'; readonly because: 'tls_failed' | 'policy' };

interface StartTls {
  /** The name in SNI, which the certificate is compared with; the name of the MX host. */
  readonly serverName: string;
  /**
   * Trust anchors, versions. The handshake accepts any certificate: the facts say whether it was
   * valid. To refuse one, the caller ends the session.
   */
  readonly options?: Omit<
    ConnectionOptions,
    'socket' | 'servername' | 'rejectUnauthorized' | 'session'
  >;
  /** Resumes an earlier TLS session (RFC 8446 2.2). The server may insist on a full handshake. */
  readonly resume?: TlsTicket | undefined;
  /** Gets what can resume this one: nothing, one or several, at any time while the session is open. */
  readonly onTicket?: (ticket: TlsTicket) => void;
}

/** Resumes a TLS session. The server shows no certificate then, so its facts come along. */
export interface TlsTicket {
  readonly session: Buffer;
  readonly identity: Identity;
}

/** What the server showed of itself in the last full handshake. */
export interface Identity {
  /** When. Milliseconds since the epoch. */
  readonly at: number;
  /** The certificate is valid for the name and leads to a trust anchor. */
  readonly isAuthorized: boolean;
  /** Why not, as Node's code: ERR_TLS_CERT_ALTNAME_INVALID, CERT_HAS_EXPIRED and so on. */
  readonly authorizationError: string | null;
  readonly certificate: X509Certificate | undefined;
}

/** What is known of the session's encryption. */
export type Security =
  | (Identity & {
      readonly tls: true;
      /** For example TLSv1.3. */
      readonly version: string | null;
      readonly cipher: string;
      /** The facts about the certificate are those of an earlier handshake. */
      readonly isResumed: boolean;
    })
  | {
      readonly tls: false;
      /** `tls_failed`: an earlier connection of this attempt failed at TLS, as the caller said. */
      readonly because: 'not_offered' | 'tls_failed' | 'policy';
    };

export function handshakeOptions({ serverName, options, resume }: StartTls): ConnectionOptions {
  return {
    ...options,
    ...(resume && { session: resume.session }),
    // RFC 6066 3: an address is no name for SNI. The certificate is compared with it all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
    rejectUnauthorized: false,
  };
}

/** Passes the tickets on. What it returns reads the facts of the handshake when that is done. */
export function follow(socket: TLSSocket, { resume, onTicket }: StartTls): () => Security {
  let identity: Identity | undefined;
  // Read once: after a ticket of TLS 1.3, Node finds the certificate no more.
  const identify = (): Identity => (identity ??= identityOf(socket, resume));
  // Of TLS 1.2, the only ticket comes just before the handshake counts as done.
  socket.on('session', (session) => onTicket?.({ session, identity: identify() }));
  return () => ({
    tls: true,
    version: socket.getProtocol(),
    cipher: socket.getCipher().name,
    isResumed: socket.isSessionReused(),
    ...identify(),
  });
}

/** Node compares no name when a session is resumed: it would call any certificate valid for it. */
function identityOf(socket: TLSSocket, resumed: TlsTicket | undefined): Identity {
  if (resumed !== undefined && socket.isSessionReused()) return resumed.identity;
  return {
    at: Date.now(),
    isAuthorized: socket.authorized,
    authorizationError: socket.authorized ? null : codeOf(socket.authorizationError),
    certificate: socket.getPeerX509Certificate(),
  };
}

/** Node's types say Error; it is the code of an OpenSSL failure, or an error with a code. */
function codeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return (error as { code?: string } | null)?.code ?? 'UNKNOWN';
}
