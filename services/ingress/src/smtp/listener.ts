import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ListenerName } from '../events.ts';
import { authHandler } from './auth.ts';
import type { Certificate } from './certificate.ts';
import { connectHandler } from './connect.ts';
import { connectionOf } from './connection.ts';
import type { SmtpContext } from './context.ts';
import type { Crowd } from './crowd.ts';
import { dataHandler } from './data.ts';
import { mailHandler } from './mail.ts';
import { rcptHandler } from './rcpt.ts';
import { SubmissionServer } from './server.ts';
import { startPatrol } from './patrol.ts';
import { tlsOptions } from './tls.ts';

export interface Listener {
  readonly name: ListenerName;
  readonly port: number;
  readonly server: SubmissionServer;
  /** Takes no more connections; those that are open go on. */
  stopListening(): void;
  close(): void;
}

/** Commands that nobody needs here; AUTH where the network says who it is. */
const disabled = ['XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL'];

/** Commands without AUTH before a client is sent away: far more than any client needs. */
const unauthenticatedLimit = 100;

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
  const server = new SubmissionServer(
    {
      ...tlsOptions,
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
      maxClients: limits.connectionLimit,
      maxAllowedUnauthenticatedCommands: unauthenticatedLimit,
      socketTimeout: limits.commandTimeout,
      // It would quote what clients send.
      logger: false,
      onConnect: connectHandler(context, crowd.isCrowded),
      onAuth: authHandler(context),
      onMailFrom: mailHandler(context),
      onRcptTo: rcptHandler(context),
      onData: dataHandler(context, options.underWay),
      onClose: (session) => {
        const { counted, listener } = connectionOf(session);
        if (counted) events.sessionClosed(listener);
      },
    },
    name,
    crowd,
  );
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
    stopListening() {
      server.server.close();
      // In a handshake there is nothing to finish. Only the TLS socket may be destroyed: Node crashes
      // where it loses the one below it.
      for (const [socket, topmost] of server._pendingSockets) {
        if (topmost !== socket) topmost.destroy();
      }
    },
    close: () => patrol.stop(),
  };
}
