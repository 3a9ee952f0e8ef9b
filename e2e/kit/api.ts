import type { StackDescription } from '@mysmtp/local-stack';

/** A row of the usage log, as `GET /v1/messages` shows it. */
export interface Row {
  readonly id: string;
  readonly acceptedAt: string;
  readonly messageId: string;
  readonly sender: string;
  readonly recipient: string;
  readonly tags: readonly string[];
  readonly accepted: {
    readonly credential: string;
    readonly listener: string;
    readonly tls: { readonly version: string; readonly cipher: string } | null;
  } | null;
  readonly status: string;
  readonly lastReply: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly {
    readonly at: string;
    readonly site: string | null;
    readonly tlsVersion: string | null;
    readonly reply: string;
    readonly enhancedCode: string | null;
  }[];
  readonly restricted: boolean;
}

/** Calls an API of the stack and returns status and JSON body. */
export async function call(
  url: string,
  token: string,
  options: { method?: string; body?: unknown } = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${token}`,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** The matching rows of the demo tenant's usage log, newest first, over all pages. */
export async function usageLog(
  description: Pick<StackDescription, 'api' | 'tenant'>,
  filter: Record<string, string> = {},
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const body = { ...filter, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await call(
      `${description.api.logging}/v1/messages/search`,
      description.tenant.ownerToken,
      {
        body,
      },
    );
    if (answer.status !== 200) throw new Error(`The usage log answered ${String(answer.status)}`);
    const page = answer.body as { messages: Row[]; next: string | null };
    rows.push(...page.messages);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}
