import {
  CodedError,
  reader,
  written,
  type ErrorCode,
  type InternalApi,
  type ServiceName,
} from '@mysmtp/contracts';
import { ConfigError, type Authority, type HttpTls } from '@mysmtp/service';
import { Agent, request, type Dispatcher } from 'undici';
import type { z } from 'zod';
import type { CallTokens } from './trust/trust.ts';

/**
 * The other service did not answer, or its answer violates the contract. `status` is 0 if there was no
 * answer.
 */
export class CallError extends CodedError {
  readonly status: number;

  constructor(service: ServiceName, status: number, options?: ErrorOptions) {
    super(
      codeOf(status),
      `${service} answered ${status === 0 ? 'nothing' : String(status)}`,
      options,
    );
    this.name = 'CallError';
    this.status = status;
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 0) return 'call_unanswered';
  return status < 500 ? 'call_refused' : 'call_failed';
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
  tls?: Pick<HttpTls, 'authority'>;
  deadline?: number;
}): ServiceClient {
  const { service, baseUrl, tokens, tls, deadline = 5_000 } = options;
  const isPlain = new URL(baseUrl).protocol === 'http:';
  if (!isPlain && tls?.authority === undefined) throw withoutAuthority(service);
  const connections = connectionsBelieving(isPlain ? undefined : tls?.authority);

  async function post(path: string, body: unknown): Promise<Dispatcher.ResponseData['body']> {
    const token = await tokens.tokenFor(service);
    let response: Dispatcher.ResponseData;
    try {
      response = await request(new URL(path, baseUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(deadline),
        dispatcher: connections(),
      });
    } catch (cause) {
      throw new CallError(service, 0, { cause });
    }
    const { statusCode: status } = response;
    if (status < 200 || status > 299) {
      await response.body.dump();
      throw new CallError(service, status);
    }
    return response.body;
  }

  return {
    async call(api, body) {
      const answer = await post(api.path, written(api.request, body));
      return reader(api.response).parse(await answer.json());
    },
    async bytes(path, body) {
      const answer = await post(path, body);
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}

/**
 * The connections of one client. With an authority, the server must have a certificate of it for the host of
 * the URL. After a change of the file, new connections use the new authority; pending requests finish on the
 * old ones.
 */
function connectionsBelieving(authority: Authority | undefined): () => Agent {
  if (authority === undefined) {
    const agent = new Agent();
    return () => agent;
  }
  let agent = agentBelieving(authority.current().ca);
  authority.onChange(({ ca }) => {
    const before = agent;
    agent = agentBelieving(ca);
    void before.close();
  });
  return () => agent;
}

const agentBelieving = (ca: Buffer) =>
  new Agent({ allowH2: false, connect: { ca, minVersion: 'TLSv1.3' } });

const withoutAuthority = (service: ServiceName) =>
  new ConfigError([
    {
      setting: 'INTERNAL_TLS_CA_FILE',
      reason: `is required: ${service.toUpperCase()}_URL has https`,
    },
  ]);
