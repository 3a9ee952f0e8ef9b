import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { clientTls, type Certificate } from '@mysmtp/service';
import { SMTPServer } from 'smtp-server';
import type { Yallist } from 'yallist';
import type { ListenerName } from '../telemetry.ts';
import { authHandler } from './auth.ts';
import { connectHandler } from './connect.ts';
import { findConnection } from './connection.ts';
import type { SmtpContext } from './context.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { dataHandler } from './data.ts';
import { mailHandler } from './mail.ts';
import { rcptHandler } from './rcpt.ts';
import { startTimeoutSweep } from './timeout-sweep.ts';

export interface Listener {
  readonly name: ListenerName;
  readonly port: number;
  readonly server: SMTPServer;
  /** Accepts no more connections. Open ones continue. */
  stopListening(): void;
  close(): void;
}

/** Commands that are not needed here. The network listener also disables AUTH. */
const disabled = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL'];

/** Commands before AUTH after which a client is disconnected: far more than any client needs. */
const unauthenticatedLimit = 100;

/** A TLS handshake takes a few round trips. */
const handshakeLimit = 30_000;

export async function openListener(
  context: SmtpContext,
  deps: {
    readonly name: ListenerName;
    readonly smtpName: string;
    readonly address: string;
    readonly port: number;
    readonly certificate: Certificate;
    readonly connectionLimits: ConnectionLimits;
    readonly underWay: Yallist<Promise<void>>;
  },
): Promise<Listener> {
  const { name, certificate, connectionLimits } = deps;
  const { limits, telemetry, log } = context;
  const server = new SMTPServer({
    ...clientTls,
    ...certificate.current(),
    secure: name === 'tls',
    name: deps.smtpName,
    // The reply to HELO has our name and not the client's address.
    heloResponse: '%s',
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: name === 'network',
    disabledCommands: name === 'network' ? [...disabled, 'AUTH'] : disabled,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    // Not passed on to the next hop, so not offered.
    hideDSN: true,
    hideREQUIRETLS: true,
    size: limits.sizeLimit,
    maxAllowedUnauthenticatedCommands: unauthenticatedLimit,
    socketTimeout: limits.commandTimeout,
    handshakeTimeout: Math.min(handshakeLimit, limits.authTimeout, limits.commandTimeout),
    // A delay would detect clients that talk first. AUTH already excludes these clients.
    greetingDelay: 0,
    rejectBareLF: true,
    strictCommandLength: true,
    allowDots: true,
    // The library's log would contain client data.
    logger: false,
    onAccept: (socket) => {
      const slot = connectionLimits.enter(socket, () => server.discard(socket));
      // A refused client gets no TLS handshake, because that is expensive. Without TLS it gets 421.
      return name !== 'tls' || !slot.isRefused;
    },
    onConnect: connectHandler(context, name, connectionLimits),
    onAuth: authHandler(context),
    onMailFrom: mailHandler(context),
    onRcptTo: rcptHandler(context),
    onData: dataHandler(context, deps.underWay),
    onClose: (session) => {
      const connection = findConnection(session);
      if (connection === undefined) return;
      telemetry.sessionClosed(name);
      if (connection.sender !== undefined) context.quotas.disconnected(connection.sender.tenant);
    },
  });
  certificate.onChange((pair) => server.updateSecureContext({ ...pair }));
  const sweep = startTimeoutSweep(server, limits, context.authorization.hasExpired);

  server.listen(deps.port, deps.address);
  await once(server.server, 'listening');
  // A client that breaks its connection or its TLS is not an error of ours.
  server.on('error', (error) => log.debug('session.broken', { listener: name, error }));
  const { port } = server.server.address() as AddressInfo;
  log.info('smtp.listening', { listener: name, port });

  return {
    name,
    port,
    server,
    stopListening: () => server.stopListening(),
    close: () => sweep.stop(),
  };
}
