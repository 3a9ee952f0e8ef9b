import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { kubernetesTools } from '@mysmtp/chart';
import type { ServiceName } from '@mysmtp/contracts';
import { forward } from './backends/forward.ts';
import { internalTlsDir } from './place.ts';
import { namespace, release } from './tools.ts';

/** A port-forward to an API of a service, as for a user with a kubeconfig. */
export interface Way extends AsyncDisposable {
  /** Plain HTTP on this machine; TLS begins behind it, and the service's certificate is verified. */
  readonly url: string;
}

/** To the public API's port by default. */
export async function portForward(service: ServiceName, remote = 8080): Promise<Way> {
  const { kubectl } = await kubernetesTools(4);
  const host = `${release}-${service}`;
  const ca = await readFile(path.join(internalTlsDir, 'ca.pem'));
  const child = spawn(
    kubectl,
    ['--namespace', namespace, 'port-forward', `service/${host}`, `:${String(remote)}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port === undefined) continue;
    const way = await forward('127.0.0.1', () =>
      connect({ host: '127.0.0.1', port: Number(port), servername: host, ca }),
    );
    return {
      url: `http://127.0.0.1:${String(way.port)}`,
      async [Symbol.asyncDispose]() {
        way.close();
        child.kill();
      },
    };
  }
  throw new Error(`No way to ${service}`);
}
