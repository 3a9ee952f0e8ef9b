import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { closed, dial, listen, talk } from './support/library.ts';

// The additions of patches/smtp-server@*.patch for connections and sockets. Tests of the library alone.

describe('the connection of a session', () => {
  const mail = 'EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';

  test('has the current turn and its start', async () => {
    let answer: (() => void) | undefined;
    const { server, port } = await listen({
      onData(stream, _session, callback) {
        stream.resume();
        answer = () => callback();
      },
    });
    const socket = await dial(port);
    await once(socket, 'data');
    const [client] = server.connections;
    if (client === undefined) throw new Error('There is no connection');
    const turn = () => client.turn;
    await expect.poll(turn).toBe('command');
    expect(client.session.client).toBe(client);
    expect(JSON.stringify(client.session)).not.toContain('client"');
    socket.write(mail);
    await expect.poll(turn).toBe('data');
    const begun = client.turnSince;
    socket.write('12345678\r\n');
    await expect.poll(() => client.messageBytes).toBeGreaterThan(4);
    expect(client.turnSince).toBe(begun);
    socket.write('.\r\n');
    await expect.poll(turn).toBe('server');
    const answered = performance.now();
    answer?.();
    expect(client.turn).toBe('command');
    expect(client.turnSince).toBeGreaterThanOrEqual(answered);
    client.end(421, '4.3.2 Enough');
    expect(await text(socket)).toMatch(/\r\n421 4\.3\.2 Enough\r\n$/);
    socket.destroy();
    server.server.close();
  });
});

describe('the open connections', () => {
  test('are those whose client has not gone, in an iteration those that were open at its start', async () => {
    const { server, port } = await listen({});
    const sockets = [];
    for (let n = 0; n < 4; n += 1) {
      const socket = await dial(port);
      await once(socket, 'data');
      sockets.push(socket);
    }
    const [first, second] = sockets;
    const ports = () => new Set([...server.connections].map(({ session }) => session.remotePort));
    first?.destroy();
    await expect.poll(() => server.connections.size).toBe(3);
    expect(ports()).toEqual(new Set(sockets.slice(1).map(({ localPort }) => localPort)));
    let seen = 0;
    for (const client of server.connections) {
      client.close();
      seen += 1;
    }
    expect(seen).toBe(3);
    expect(server.connections.size).toBe(0);
    second?.destroy();
    server.server.close();
  });
});

describe('sockets', () => {
  test('that the application refuses are closed without a reply', async () => {
    expect(await talk('', { onAccept: () => false }, 'wait')).toBe('');
  });

  test.each([false, true])(
    'are discarded before their session begins (TLS: %s)',
    async (secure) => {
      const accepted: Socket[] = [];
      const { server, port } = await listen({
        secure,
        onAccept: (socket) => void accepted.push(socket),
        onConnect: () => undefined,
      });
      const socket = await dial(port);
      await expect.poll(() => accepted.length).toBe(1);
      const [first] = accepted;
      if (first !== undefined) server.discard(first);
      await closed(socket);
      expect(server.connections.size).toBe(0);
      server.server.close();
    },
  );

  test('in a TLS handshake are closed with the listener, sessions continue', async () => {
    const { server, port } = await listen({ secure: true });
    const shaking = await dial(port);
    const open = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(open, 'data');
    server.stopListening();
    await closed(shaking);
    open.write('NOOP\r\n');
    expect(String(await once(open, 'data'))).toMatch(/^250 /);
    open.destroy();
  });

  test.each([
    ['as it is opened', ''],
    ['after STARTTLS', 'STARTTLS\r\n'],
  ])('have a deadline for a handshake %s, however they trickle', async (_when, before) => {
    const { server, port } = await listen({
      secure: before === '',
      disabledCommands: ['AUTH'],
      handshakeTimeout: 300,
      socketTimeout: 60_000,
    });
    const socket = await dial(port);
    socket.write(before);
    // A TLS record that never ends.
    const record = Buffer.from([22, 3, 1, 0x40, 0]);
    let sent = 0;
    const timer = setInterval(() => {
      socket.write(record.subarray(sent % 5, (sent % 5) + 1));
      sent = sent < 4 ? sent + 1 : 4;
    }, 50);
    const begun = performance.now();
    await closed(socket);
    clearInterval(timer);
    expect(performance.now() - begun).toBeLessThan(5_000);
    server.server.close();
  });

  test('keep the event listeners of the application for their end, after STARTTLS too', async () => {
    let isClosed = false;
    const { server, port } = await listen({
      disabledCommands: ['AUTH'],
      onAccept: (socket) => void socket.once('close', () => (isClosed = true)),
    });
    const socket = await dial(port);
    let payload = '';
    socket.on('data', (chunk: Buffer) => (payload += chunk.toString()));
    socket.write('STARTTLS\r\n');
    await expect.poll(() => payload).toMatch(/220 Ready/);
    expect([...server.connections][0]?.turn).toBe('handshake');
    socket.removeAllListeners('data');
    const secure = connectTls({ socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    secure.destroy();
    await expect.poll(() => isClosed).toBe(true);
    server.server.close();
  });
});
