import type { DomainStatus, Signing } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { Entity } from '../entities/entity.ts';
import type { Changes, Writer } from '../entities/writer.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import { ReservationLostError, reserveAndChange } from '../reservations/reserve.ts';
import type { DomainDocument } from './model.ts';
import { createNameContests, type NameContests } from './same-name.ts';

export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly signing: Signing;
  readonly status: DomainStatus;
}

export const fieldPath = (id: string, field: 'name' | 'vouchReason' | 'dkimKey' | 'ed25519Key') =>
  `domains:${id}:${field}` as const;

/** In releases without a status an operator vouched for every domain. */
export const statusOf = ({ status }: DomainDocument): DomainStatus => status ?? 'vouched';

/** What adding, vouching for and verifying domains have in common. */
export interface DomainDocuments {
  show(document: DomainDocument): Promise<Domain>;
  readonly contestFor: NameContests;
  /** Changes a domain so that its tenant may send from it. Throws a `TakenError` if another tenant may. */
  putInForce(document: DomainDocument, changes: Changes<DomainDocument>): Promise<void>;
}

export function createDomainDocuments(deps: {
  readonly entity: Entity<DomainDocument>;
  readonly writer: Writer;
  readonly access: Pick<Tenants, 'refuseFenced' | 'onFence'>;
  readonly fields: EncryptedFields;
}): DomainDocuments {
  const { entity, writer, access, fields } = deps;
  const nameOf = ({ tenant, _id, name }: DomainDocument) =>
    fields.open(tenant, fieldPath(_id, 'name'), name);
  const contestFor = createNameContests({ access, nameOf });

  return {
    contestFor,
    async show(document) {
      const { _id: id, signing } = document;
      return { id, name: await nameOf(document), signing, status: statusOf(document) };
    },
    async putInForce(document, changes) {
      const { _id: id, status } = document;
      if (statusOf(document) !== 'unverified') {
        // No other tenant may, as long as this one may.
        const only = { status: status ?? { $exists: false } } as mongo.Filter<DomainDocument>;
        if (await writer.change(entity, id, changes, only)) return;
        throw new ReservationLostError();
      }
      const contest = contestFor(await nameOf(document));
      const from = { status: 'unverified' as const };
      if (!(await reserveAndChange({ ...contest, writer, entity, id, from, changes }))) {
        throw new ReservationLostError();
      }
      contest.end();
    },
  };
}
