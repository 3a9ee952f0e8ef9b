import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { clientTls, type Certificate } from '@mysmtp/service';
import { SMTPServer } from 'smtp-server';
import type { ListenerName } from '../events.ts';
import { authHandler } from './auth.ts';
import { connectHandler } from './connect.ts';
import { findConnection } from './connection.ts';
import type { SmtpContext } from './context.ts';
import type { Crowd } from './crowd.ts';
import { dataHandler } from './data.ts';
import { mailHandler } from './mail.ts';
import { rcptHandler } from './rcpt.ts';
import { startPatrol } from './patrol.ts';

export interface Listener {
  readonly name: ListenerName;
  readonly port: number;
  readonly server: SMTPServer;
  /** Takes no more connections; those that are open go on. */
  stopListening(): void;
  close(): void;
}

/** Commands that nobody needs here; AUTH where the network says who it is. */
const disabled = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL'];

/** Commands without AUTH before a client is sent away: far more than any client needs. */
const unauthenticatedLimit = 100;

/** A TLS handshake takes a few round trips. */
const handshakeLimit = 30_000;

export async function openListener(
  context: SmtpContext,
  options: {
    readonly name: ListenerName;
    readonly smtpName: string;
    readonly address: string;
    readonly port: number;
    readonly certificate: Certificate;
    readonly crowd: Crowd;
    readonly underWay: Set<Promise<void>>;
  },
): Promise<Listener> {
  const { name, certificate, crowd } = options;
  const { limits, events, log } = context;
  const server = new SMTPServer({
    ...clientTls,
    ...certificate.current(),
    secure: name === 'tls',
    name: options.smtpName,
    // The greeting names us and not the client's address.
    heloResponse: '%s',
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: name === 'network',
    disabledCommands: name === 'network' ? [...disabled, 'AUTH'] : disabled,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    // Not carried through to the next hop, so not offered.
    hideDSN: true,
    hideREQUIRETLS: true,
    size: limits.sizeLimit,
    maxAllowedUnauthenticatedCommands: unauthenticatedLimit,
    socketTimeout: limits.commandTimeout,
    handshakeTimeout: Math.min(handshakeLimit, limits.authTimeout, limits.commandTimeout),
    // A wait would catch clients that talk first; AUTH keeps those out anyway.
    greetingDelay: 0,
    rejectBareLF: true,
    strictCommandLength: true,
    allowDots: true,
    // It would quote what clients send.
    logger: false,
    onAccept: (socket) => {
      const slot = crowd.enter(socket, () => server.discard(socket));
      // A TLS handshake costs more than a client too many is worth; without one it gets its 421.
      return name !== 'tls' || !slot.isRefused;
    },
    onConnect: connectHandler(context, name, crowd),
    onAuth: authHandler(context),
    onMailFrom: mailHandler(context),
    onRcptTo: rcptHandler(context),
    onData: dataHandler(context, options.underWay),
    onClose: (session) => {
      if (findConnection(session) !== undefined) events.sessionClosed(name);
    },
  });
  certificate.onChange((pair) => server.updateSecureContext({ ...pair }));
  const patrol = startPatrol(server, limits);

  server.listen(options.port, options.address);
  await once(server.server, 'listening');
  // A client that breaks its connection or its TLS is no trouble of ours.
  server.on('error', (error) => log.debug('session.broken', { listener: name, error }));
  const { port } = server.server.address() as AddressInfo;
  log.info('smtp.listening', { listener: name, port });

  return {
    name,
    port,
    server,
    stopListening: () => server.stopListening(),
    close: () => patrol.stop(),
  };
}
