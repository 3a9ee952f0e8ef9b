import { reader, type InternalApi, type ServiceName } from '@mysmtp/contracts';
import type { z } from 'zod';

/**
 * A call between services (contracts) as a route of the called service. It accepts fields that only a newer
 * caller sends.
 */
export const internalRoute = <Request extends z.ZodType, Response extends z.ZodType>(
  api: InternalApi<Request, Response>,
  summary: string,
) => ({
  method: 'post' as const,
  path: api.path,
  summary,
  access: { services: api.callers } satisfies { readonly services: readonly ServiceName[] },
  body: reader(api.request),
  replies: { 200: api.response },
});
