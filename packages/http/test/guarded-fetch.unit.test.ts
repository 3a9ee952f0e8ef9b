import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createGuardedFetch, ForbiddenUrlError } from '../src/guarded-fetch.ts';

const guarded = createGuardedFetch({ allowPrivate: false });
const open = createGuardedFetch({ allowPrivate: true });
afterAll(() => Promise.all([guarded.close(), open.close()]));

/** Why a request failed; `fetch` wraps an error of the connection. */
async function reasonOf(request: Promise<Response>): Promise<unknown> {
  try {
    return (await request).status;
  } catch (error) {
    return error instanceof TypeError ? error.cause : error;
  }
}

test.each([
  'https://127.0.0.1/',
  'https://10.0.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[fd00::1]/',
  // A name that leads there.
  'https://localhost/',
  // Other than TLS on its port.
  'http://example.org/',
  'https://example.org:8443/',
])('%s is not called', async (url) => {
  expect(await reasonOf(guarded.fetch(url))).toBeInstanceOf(ForbiddenUrlError);
});

test('redirects are not followed, and development may call private addresses', async () => {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const url = `http://localhost:${String(port)}/here`;
    expect((await open.fetch(url)).status).toBe(302);
    expect(paths).toEqual(['/here']);
  } finally {
    server.close();
  }
});
