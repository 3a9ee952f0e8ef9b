import { internalApis, mayKnow } from '@mysmtp/contracts';
import { implement, problems, type Route } from '@mysmtp/http';
import { changeOf } from '../entities/entity.ts';
import type { Nouns } from '../nouns.ts';

const pageSize = 500;

/**
 * The present state for services that start or were away, tombstones included, and nothing else of
 * a tenant that is being erased. A page holds one
 * kind of entity; `after` is the kind and id of the last one seen. What changes while the pages are
 * read comes to the reader as an event, for it listens before it asks.
 */
export function snapshot({ entities, reader }: Nouns): Route {
  return implement(internalApis.snapshot, 'All entities, page by page', async (request, caller) => {
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
    return {
      changes: documents
        .filter((document) => !reader.hides(entity, document))
        .map((document) => changeOf(entity, document)),
      next: last === undefined ? nextKind : `${entity.name}:${last._id}`,
    };
  });
}
