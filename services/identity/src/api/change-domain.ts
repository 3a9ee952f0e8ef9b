import { Signing } from '@mysmtp/contracts';
import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { ownOrNotFound } from './access.ts';
import { Domain } from './list-domains.ts';
import { ById } from './schemas.ts';

const path = '/v1/domains/{id}';

export function changeDomain({ domains, events }: Nouns): Route {
  return route({
    method: 'patch',
    path,
    summary: "Says who signs a domain's mail: we, or the customer before it reaches us",
    access: ownersAndOperators,
    params: ById,
    body: z.strictObject({ signing: Signing }),
    replies: { 200: Domain },
    async handle({ params: { id }, body, caller }) {
      ownOrNotFound(await domains.find(id), caller, { route: path, events });
      const changed = await domains.setSigning(id, body.signing);
      if (changed === undefined) throw problems.notFound();
      return { body: changed };
    },
  });
}
