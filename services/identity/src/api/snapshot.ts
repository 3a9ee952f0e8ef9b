import type { identityApi } from '@mysmtp/api';
import { mayKnow } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import { changeOf } from '../entities/entity.ts';
import type { Nouns } from '../nouns.ts';

const pageSize = 500;

/**
 * The present state for services that start or were away, tombstones included, and nothing else of
 * a tenant that is being erased. A page holds one
 * kind of entity; `after` is the kind and id of the last one seen. What changes while the pages are
 * read comes to the reader as an event, for it listens before it asks.
 */
export function snapshot({ entities, reader }: Nouns): Handler<typeof identityApi.snapshot> {
  return async ({ body: request, principal: { id: caller } }) => {
    if (!request.entities.every((name) => mayKnow(caller, name))) throw problems.forbidden();
    const wanted = entities.filter((entity) => request.entities.includes(entity.name));
    const [name = wanted[0]?.name, id = ''] = request.after?.split(':') ?? [];
    const at = wanted.findIndex((entity) => entity.name === name);
    const entity = wanted[at];
    if (entity === undefined) {
      throw problems.invalid([{ path: 'after', message: 'must be the next of the page before' }]);
    }
    const documents = await entity.collection
      .find({ _id: { $gt: id }, version: { $gte: 1 } })
      .sort({ _id: 1 })
      .limit(pageSize)
      .toArray();
    const last = documents.length === pageSize ? documents.at(-1) : undefined;
    const following = wanted[at + 1];
    const nextKind = following === undefined ? null : `${following.name}:`;
    const changes = documents
      .filter((document) => !reader.hides(entity, document))
      .map((document) => changeOf(entity, document));
    const next = last === undefined ? nextKind : `${entity.name}:${last._id}`;
    return { status: 200, body: { changes, next } };
  };
}
