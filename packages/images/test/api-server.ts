import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { localCertificates } from '@mysmtp/local-stack';

interface Request {
  readonly route: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body?: unknown;
}

/**
 * An HTTPS server that answers a TokenReview of a service's account and an empty Secret as an API server
 * does. `npm run e2e:cluster` tests a real API server.
 */
export async function startApiServer(
  dir: string,
): Promise<
  AsyncDisposable & { readonly kubeconfig: string; readonly requests: readonly Request[] }
> {
  await mkdir(dir);
  const { caFile, certFile, keyFile } = await localCertificates(dir);
  const requests: Request[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    requests.push({
      route: `${method} ${url}`,
      authorization: headers.authorization,
      contentType: headers['content-type'],
      ...(method === 'GET' ? {} : { body: await json(request) }),
    });
    const isReview = url.endsWith('/tokenreviews');
    response.writeHead(isReview ? 201 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isReview ? review : secret));
  };
  const tls = { cert: await readFile(certFile), key: await readFile(keyFile) };
  const server = createServer(tls, (request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kubeconfig = path.join(dir, 'kubeconfig');
  // JSON is valid YAML.
  await writeFile(kubeconfig, JSON.stringify(configFor(port, caFile)));
  return {
    kubeconfig,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const review = {
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  spec: {},
  status: {
    authenticated: true,
    audiences: ['mysmtp-identity'],
    user: { username: 'system:serviceaccount:mail:mysmtp-ingress' },
  },
};

const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'first-tenant' } };

const configFor = (port: number, caFile: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'test',
  contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'mail' } }],
  clusters: [
    {
      name: 'test',
      cluster: { server: `https://127.0.0.1:${String(port)}`, 'certificate-authority': caFile },
    },
  ],
  users: [{ name: 'test', user: { token: 'ours' } }],
});
