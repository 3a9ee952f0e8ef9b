import { describe, expect, test } from 'vitest';
import { SessionFailure } from '../../src/index.ts';
import { envelope, message, open, patient } from '../client.ts';
import { brief, each, isSilent } from './faults.ts';
import { opened, start } from './scene.ts';

describe.each([
  ['greeting', 'greeting'],
  ['EHLO', 'ehlo'],
] as const)('at %s', (event, stage) => {
  test.concurrent.each(each)('%s fails the session', async (name, { act, failure }) => {
    const server = await start((now) => (now === event ? act : undefined));
    const timeouts = isSilent(name) ? brief(stage) : patient;
    const error = await open(server.port, { timeouts }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SessionFailure);
    const { failure: found, isTls } = error as SessionFailure;
    // A reset may arrive before the client is connected.
    const at = found.stage === 'connect' && failure.reason === 'lost' ? {} : { stage };
    expect(found).toMatchObject({ ...at, ...failure });
    expect(isTls).toBe(false);
  });
});

test('no connection: a failure of the stage connect', async () => {
  const server = await start(() => undefined);
  server.close();
  await expect(open(server.port)).rejects.toMatchObject({
    failure: { stage: 'connect', reason: 'lost', enhancedCode: '4.4.1', permanent: false },
  });
});

test('an open socket that the server has already closed', async () => {
  const server = await start((now) => (now === 'greeting' ? { end: 'close' } : undefined));
  const error = await open(server.port).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ failure: { stage: 'greeting', reason: 'closed' } });
});

test('521 (RFC 7504) in the greeting: permanent, and the server gets QUIT', async () => {
  const server = await start((now) => (now === 'greeting' ? '521 5.3.2 no mail\r\n' : undefined));
  const error = await open(server.port).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ failure: { stage: 'greeting', code: 521, permanent: true } });
  await expect.poll(() => server.commands).toEqual(['QUIT']);
});

describe('EHLO', () => {
  test.each(['500 what\r\n', '502 5.5.1 not implemented\r\n', '504 what\r\n'])(
    '%j: HELO follows, and nothing is offered',
    async (answer) => {
      const server = await start((now) => (now === 'EHLO' ? answer : undefined));
      const session = await opened(server.port);
      expect(server.commands).toEqual(['EHLO relay.example.net', 'HELO relay.example.net']);
      expect(session.capabilities).toMatchObject({ pipelining: false, size: false });
      const { recipients } = await session.send(envelope('a@example.org'), message);
      expect(recipients).toMatchObject([{ outcome: 'accepted' }]);
      expect(server.commands).toContain('MAIL FROM:<sender@example.net>');
    },
  );

  test('another refusal concerns the client: no HELO', async () => {
    const server = await start((now) => (now === 'EHLO' ? '550 5.7.1 bad name\r\n' : undefined));
    const error = await open(server.port).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { stage: 'ehlo', code: 550, permanent: true } });
    expect(server.commands).not.toContain('HELO relay.example.net');
  });

  test('a refused HELO fails the session', async () => {
    const server = await start((now) =>
      now === 'EHLO' ? '500 what\r\n' : now === 'HELO' ? '550 no\r\n' : undefined,
    );
    const error = await open(server.port).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: { stage: 'helo', code: 550 } });
  });
});

test('a signal stops the opening', async () => {
  const server = await start((now) => (now === 'EHLO' ? {} : undefined));
  const stop = new AbortController();
  const opening = open(server.port, { signal: stop.signal });
  await expect.poll(() => server.commands.length).toBe(1);
  stop.abort();
  await expect(opening).rejects.toMatchObject({ failure: { stage: 'ehlo', reason: 'aborted' } });
});

test('a signal also stops the QUIT after a refusal', async () => {
  const server = await start((now) =>
    now === 'greeting' ? '554 5.7.1 no\r\n' : now === 'QUIT' ? {} : undefined,
  );
  const stop = new AbortController();
  await expect(open(server.port, { signal: stop.signal })).rejects.toThrow('greeting');
  await expect.poll(() => server.commands).toEqual(['QUIT']);
  expect(server.open()).toBe(1);
  stop.abort();
  await expect.poll(() => server.open()).toBe(0);
});
