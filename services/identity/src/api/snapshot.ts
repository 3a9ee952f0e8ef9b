import type { identityApi } from '@mysmtp/api';
import { mayKnow } from '@mysmtp/contracts';
import { problems, type Handler } from '@mysmtp/http';
import { changeOf } from '../entities/entity.ts';
import type { Stores } from '../stores.ts';

const pageSize = 500;

/**
 * The current state for services that start or were disconnected, tombstones included. Of a tenant that
 * is being erased it has only tombstones. A page holds one kind of entity; `after` is the kind and id of
 * the last entity of the page before. A change during the snapshot reaches the reader as an event,
 * because the reader binds its queue first.
 */
export function snapshot({ entities, reader }: Stores): Handler<typeof identityApi.snapshot> {
  return async ({ body: request, principal: { id: caller } }) => {
    if (!request.entities.every((name) => mayKnow(caller, name))) throw problems.forbidden();
    const wanted = entities.filter((entity) => request.entities.includes(entity.name));
    const [name = wanted[0]?.name, id = ''] = request.after?.split(':') ?? [];
    const at = wanted.findIndex((entity) => entity.name === name);
    const entity = wanted[at];
    if (entity === undefined) {
      throw problems.invalid([{ path: 'after', message: 'must be `next` of the page before' }]);
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
