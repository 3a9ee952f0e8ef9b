import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';

/** The only Secret of a fake API server, and how the server answers. */
export interface ApiServer {
  readonly kubeconfig: string;
  /** As stored by the API server, base64. */
  data: Record<string, string>;
  /** If set, the server answers with this status. */
  refusesReads: number | undefined;
  refusesWrites: number | undefined;
  close(): Promise<void>;
}

/** Answers like Kubernetes to `GET` and `PATCH` of `mail/first-tenant`. */
export async function startApiServer(): Promise<ApiServer> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-api-'));
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const patch = async () => {
      const { stringData } = (await json(request)) as { stringData: Record<string, string> };
      for (const [key, value] of Object.entries(stringData)) {
        api.data[key] = Buffer.from(value).toString('base64');
      }
      answer(200, { apiVersion: 'v1', kind: 'Secret' });
    };
    const refusal = request.method === 'GET' ? api.refusesReads : api.refusesWrites;
    if (request.url !== '/api/v1/namespaces/mail/secrets/first-tenant') answer(404, {});
    else if (refusal !== undefined) answer(refusal, { kind: 'Status', message: 'refused' });
    else if (request.method === 'GET') answer(200, { kind: 'Secret', data: api.data });
    else void patch();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const api: ApiServer = {
    kubeconfig: path.join(dir, 'kubeconfig'),
    data: {},
    refusesReads: undefined,
    refusesWrites: undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(dir, { recursive: true });
    },
  };
  const cluster = {
    server: `http://127.0.0.1:${String(port)}`,
    // Without it the client refuses to connect without TLS.
    'insecure-skip-tls-verify': true,
  };
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'mail' } }],
    'current-context': 'x',
  };
  await writeFile(api.kubeconfig, JSON.stringify(config));
  return api;
}
