import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kubernetesTools } from '@mysmtp/chart';
import type { ServiceName } from '@mysmtp/contracts';
import { namespace, release } from './tools.ts';

/** A way from here to a port of a service, as somebody with a kubeconfig has it. */
export interface Way extends AsyncDisposable {
  readonly url: string;
}

/** The public API's port unless another one is named. */
export async function portForward(service: ServiceName, remote = 8080): Promise<Way> {
  const { kubectl } = await kubernetesTools(4);
  const child = spawn(
    kubectl,
    [
      '--namespace',
      namespace,
      'port-forward',
      `service/${release}-${service}`,
      `:${String(remote)}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const [, port] = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port === undefined) continue;
    return {
      url: `http://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        child.kill();
      },
    };
  }
  throw new Error(`No way to ${service}`);
}
