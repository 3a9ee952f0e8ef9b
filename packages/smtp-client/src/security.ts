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
   * Trust anchors, versions, a session to resume. The handshake accepts any certificate: the facts
   * say whether it was valid. To refuse one, the caller ends the session.
   */
  readonly options?: Omit<ConnectionOptions, 'socket' | 'servername' | 'rejectUnauthorized'>;
}

/** What is known of the session's encryption. */
export type Security =
  | {
      readonly tls: true;
      /** For example TLSv1.3. */
      readonly version: string | null;
      readonly cipher: string;
      /** The certificate is valid for the name and leads to a trust anchor. */
      readonly isAuthorized: boolean;
      /** Why not, as Node's code: ERR_TLS_CERT_ALTNAME_INVALID, CERT_HAS_EXPIRED and so on. */
      readonly authorizationError: string | null;
      readonly certificate: X509Certificate | undefined;
    }
  | {
      readonly tls: false;
      /** `tls_failed`: an earlier connection of this attempt failed at TLS, as the caller said. */
      readonly because: 'not_offered' | 'tls_failed' | 'policy';
    };

export function handshakeOptions({ serverName, options }: StartTls): ConnectionOptions {
  return {
    ...options,
    // RFC 6066 3: an address is no name for SNI. The certificate is compared with it all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
    rejectUnauthorized: false,
  };
}

export function securityOf(socket: TLSSocket): Security {
  const error: unknown = socket.authorizationError;
  return {
    tls: true,
    version: socket.getProtocol(),
    cipher: socket.getCipher().name,
    isAuthorized: socket.authorized,
    authorizationError: socket.authorized ? null : codeOf(error),
    certificate: socket.getPeerX509Certificate(),
  };
}

/** Node's types say Error; it is the code of an OpenSSL failure, or an error with a code. */
function codeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return (error as { code?: string } | null)?.code ?? 'UNKNOWN';
}
