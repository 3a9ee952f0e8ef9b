import { reader, written, type InternalApi, type ServiceName } from '@mysmtp/contracts';
import type { z } from 'zod';
import type { CallTokens } from './trust/trust.ts';

/** The other service did not answer, or not as agreed. `status` is 0 where nothing came back. */
export class CallError extends Error {
  readonly status: number;

  constructor(service: ServiceName, status: number) {
    super(`${service} answered ${status === 0 ? 'nothing' : String(status)}`);
    this.name = 'CallError';
    this.status = status;
  }
}

export interface ServiceClient {
  call<Request extends z.ZodType, Response extends z.ZodType>(
    api: InternalApi<Request, Response>,
    request: z.input<Request>,
  ): Promise<z.output<Response>>;
  /** A POST whose answer is octets. */
  bytes(path: string, request: unknown): Promise<Buffer>;
}

/** Calls one other service; every call has a token and a deadline (milliseconds). */
export function createServiceClient(options: {
  service: ServiceName;
  baseUrl: string;
  tokens: CallTokens;
  deadline?: number;
}): ServiceClient {
  const { service, baseUrl, tokens, deadline = 5_000 } = options;

  async function post(path: string, request: unknown): Promise<Response> {
    const token = await tokens.tokenFor(service);
    let response: Response;
    try {
      response = await fetch(new URL(path, baseUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(deadline),
      });
    } catch {
      throw new CallError(service, 0);
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new CallError(service, response.status);
    }
    return response;
  }

  return {
    async call(api, request) {
      const response = await post(api.path, written(api.request, request));
      return reader(api.response).parse(await response.json());
    },
    async bytes(path, request) {
      const response = await post(path, request);
      return Buffer.from(await response.arrayBuffer());
    },
  };
}
