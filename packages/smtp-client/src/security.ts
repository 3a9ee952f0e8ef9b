import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** How a session uses TLS. The caller decides; the client never falls back by itself. */
export type TlsUse =
  /** STARTTLS if the server offers it (RFC 7435). If it fails, the session fails. */
  | (StartTls & { readonly use: 'if_offered' })
  /** STARTTLS, or the session fails. */
  | (StartTls & { readonly use: 'always' })
  /** In clear text; `because` is repeated in the facts of the session. */
  | { readonly use: 'never'; readonly because: 'tls_failed' | 'policy' };

interface StartTls {
  /** The name in SNI, with which the certificate is compared: the name of the MX host. */
  readonly serverName: string;
  /**
   * Trust anchors, versions. The handshake accepts any certificate, and the facts say whether it was valid.
   * To refuse one, the caller ends the session.
   */
  readonly options?: Omit<
    ConnectionOptions,
    'socket' | 'servername' | 'rejectUnauthorized' | 'session'
  >;
  /** Resumes an earlier TLS session (RFC 8446 2.2). The server may insist on a full handshake. */
  readonly resume?: TlsTicket | undefined;
  /** Gets the tickets to resume this session: none, one or several, at any time while it is open. */
  readonly onTicket?: (ticket: TlsTicket) => void;
}

/** Resumes a TLS session. The server then sends no certificate, so its facts are included. */
export interface TlsTicket {
  readonly session: Buffer;
  readonly identity: Identity;
}

/** The server's certificate facts of the last full handshake. */
export interface Identity {
  /** When. Milliseconds since the epoch. */
  readonly at: number;
  /** The certificate is valid for the name and chains to a trust anchor. */
  readonly isAuthorized: boolean;
  /** The reason, as Node's code: ERR_TLS_CERT_ALTNAME_INVALID, CERT_HAS_EXPIRED and so on. */
  readonly authorizationError: string | null;
  readonly certificate: X509Certificate | undefined;
}

/** The facts about the session's encryption. */
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
      /** `tls_failed`: an earlier connection of this attempt failed at TLS, as reported by the caller. */
      readonly because: 'not_offered' | 'tls_failed' | 'policy';
    };

export function handshakeOptions({ serverName, options, resume }: StartTls): ConnectionOptions {
  return {
    ...options,
    ...(resume && { session: resume.session }),
    // RFC 6066 3: an IP address is not allowed in SNI. The certificate is still compared with it.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
    rejectUnauthorized: false,
  };
}

/** Passes the tickets on. The returned function reads the facts of the handshake after it. */
export function follow(socket: TLSSocket, { resume, onTicket }: StartTls): () => Security {
  let identity: Identity | undefined;
  // Read once: after a ticket of TLS 1.3, Node no longer returns the certificate.
  const identify = (): Identity => (identity ??= identityOf(socket, resume));
  // In TLS 1.2 the only ticket arrives just before the end of the handshake.
  socket.on('session', (session) => onTicket?.({ session, identity: identify() }));
  return () => ({
    tls: true,
    version: socket.getProtocol(),
    cipher: socket.getCipher().name,
    isResumed: socket.isSessionReused(),
    ...identify(),
  });
}

/** Node does not compare the name of a resumed session, so it would accept any certificate. */
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
