import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as scheduler from '@mysmtp/service';
import { eventually, watchPacedJobs, type PacedJobs } from '@mysmtp/test-kit';
import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newAddress, openRequestService, type RequestService } from './request-service.ts';
import { operatorToken, ownerToken, type World } from './running-service.ts';

let service: RequestService;
let world: World;
let jobs: PacedJobs;

beforeAll(async () => {
  jobs = watchPacedJobs(scheduler);
  service = await openRequestService(Date.parse('2027-01-31T12:00:00Z'), {
    env: { PRIVATE_CALLBACKS: 'true' },
  });
  ({ world } = service);
});
afterAll(async () => {
  jobs[Symbol.dispose]();
  await service.close();
});

test('OpenDSR: requests in its form, a status, and signed callbacks only when it is done', async () => {
  const received: { headers: IncomingHttpHeaders; body: string }[] = [];
  let answers = 500;
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answers).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = receiver.address() as AddressInfo;
    const group = randomUUID();
    const address = newAddress();
    const body = {
      regulation: 'gdpr',
      subject_request_id: group,
      subject_request_type: 'access',
      submitted_time: new Date(world.now).toISOString(),
      subject_identities: [
        { identity_type: 'email', identity_value: address, identity_format: 'raw' },
      ],
      api_version: '2.0',
      status_callback_urls: [`http://127.0.0.1:${String(port)}/callback`],
    };
    const keys = createLocalJWKSet(
      (await service.ask('GET', '/.well-known/jwks.json')).body as unknown as JSONWebKeySet,
    );
    const verify = async (detached: unknown, content: string) => {
      const [header = '', , signature = ''] = String(detached).split('.');
      const payload = Buffer.from(content).toString('base64url');
      return flattenedVerify({ protected: header, payload, signature }, keys);
    };
    const made = await service.ask('POST', '/v1/opendsr/requests', ownerToken, body);
    expect(made.status).toBe(201);
    const answer = made.body as unknown as { encoded_request: string; controller_id: string };
    expect(answer).toMatchObject({ controller_id: 't1', subject_request_id: group });
    expect(JSON.parse(Buffer.from(answer.encoded_request, 'base64').toString())).toEqual(body);
    await verify(made.headers.get('x-opendsr-signature'), answer.encoded_request);
    expect((await service.ask('POST', '/v1/opendsr/requests', ownerToken, body)).status).toBe(409);
    const route = `/v1/opendsr/requests/${group}`;
    expect((await service.ask('GET', route, ownerToken)).body).toMatchObject({
      request_status: expect.stringMatching(/^(pending|in_progress)$/) as string,
    });
    expect((await service.ask('GET', route, operatorToken)).status).toBe(404);
    expect(received).toEqual([]);
    // The end of the request wakes the job that calls.
    await jobs.whileIdle('call-back', async () => {
      expect((await service.ask('DELETE', route, ownerToken)).status).toBe(202);
      await eventually(() => expect(received).not.toEqual([]));
    });
    expect((await service.ask('GET', route, ownerToken)).body).toMatchObject({
      request_status: 'cancelled',
    });

    // Repeated until the receiver has it.
    const called = () =>
      eventually(() => {
        world.now += 1_000;
        const last = received.at(-1);
        if (last === undefined || received.length < count) throw new Error('Not called yet');
        return last;
      });
    let count = 2;
    await called();
    answers = 204;
    count = received.length + 1;
    const { headers, body: content } = await called();
    await verify(headers['x-opendsr-signature'], content);
    await expect(verify(headers['x-opendsr-signature'], `${content} `)).rejects.toThrow();
    expect(JSON.parse(content)).toMatchObject({
      subject_request_id: group,
      request_status: 'cancelled',
      controller_id: 't1',
    });
    expect(content).not.toContain(address);
    await eventually(async () => {
      const [entry] = await service.database.collection('requests').find({ group }).toArray();
      expect([entry?.['callbackAt'], entry?.['content']]).toEqual([null, null]);
    });
  } finally {
    receiver.close();
  }
});

test('callbacks reach only servers on the internet', async () => {
  world.env['PRIVATE_CALLBACKS'] = 'false';
  await service.restart();
  const callback = 'http://127.0.0.1:1/inside';
  const [request] = await service.made({ kind: 'access', addresses: [newAddress()], callback });
  const id = request?.id ?? '';
  expect((await service.ask('DELETE', `/v1/requests/${id}`, ownerToken)).status).toBe(204);
  await eventually(() => {
    world.now += 1_000;
    const failed = world.lines.find(
      ({ event, object }) => event === 'request.callback_failed' && object === id,
    );
    expect(failed).toMatchObject({ error: 'ForbiddenUrlError' });
  });
});
