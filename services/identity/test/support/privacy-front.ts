import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { internalApis, type Fence } from '@mysmtp/contracts';
import { everythingStands } from '@mysmtp/test-kit';

/** A front for the real privacy. The test decides which fences are current. */
export interface PrivacyFront extends AsyncDisposable {
  readonly url: string;
  readonly fences: Fence[];
  /** If false, it does not answer. */
  isOpen: boolean;
}

export async function openPrivacyFront(port: number): Promise<PrivacyFront> {
  const server = createServer((incoming, outgoing) => {
    if (!front.isOpen) {
      incoming.destroy();
      return;
    }
    if (incoming.url === internalApis.fences.path) {
      outgoing.end(JSON.stringify({ fences: front.fences }));
      return;
    }
    if (incoming.url === internalApis.standing.path) {
      outgoing.end(JSON.stringify(everythingStands));
      return;
    }
    const { method, url, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const front: PrivacyFront = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    fences: [],
    isOpen: true,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return front;
}
