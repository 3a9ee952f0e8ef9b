import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

/**
 * Forwards each connection to an API from another address of the loopback interface, so that the API sees
 * another client network. Returns the URL to use instead, which ends with this process.
 */
export async function fromManyNetworks(api: string): Promise<string> {
  const { hostname, port } = new URL(api);
  let connections = 0;
  const server = createServer((client) => {
    connections += 1;
    const localAddress = `127.18.${String((connections >> 8) & 255)}.${String(connections & 255)}`;
    const service = connect({ host: hostname, port: Number(port), localAddress });
    // Either end may close at any time.
    pipeline(client, service, client, () => undefined);
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
