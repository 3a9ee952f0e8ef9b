import type { Actor, DomainStatus } from '@mysmtp/contracts';
import { blindIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { isActive, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Changes, Writer } from '../entities/writer.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import { TakenError } from '../reservations/reserve.ts';
import type { Telemetry } from '../telemetry.ts';
import { firstCheck, type CheckSchedule } from './check-schedule.ts';
import { fieldPath, statusOf, type Domain, type DomainDocuments } from './documents.ts';
import type { DomainDocument } from './model.ts';

export interface DkimPublicKey {
  readonly selector: string;
  /** The `p` tag of its record. */
  readonly publicKey: string;
}

export interface DomainFacts extends Domain {
  readonly tenant: string;
  /** The text in its ownership record. It is computed from a key of the tenant and stored nowhere. */
  readonly challenge: string;
  /** The RSA key. */
  readonly dkimKey: DkimPublicKey | undefined;
  readonly ed25519Key: DkimPublicKey | undefined;
  readonly createdAt: number;
}

/** What a check of DNS needs of a domain, and what its results change. */
export interface DomainVerification {
  /** A domain with all that its DNS records contain. */
  facts(id: string): Promise<DomainFacts | undefined>;
  /** The challenge is in DNS. False if another tenant may send from this domain. */
  verify(actor: Actor, id: string): Promise<boolean>;
  /** The challenge of a verified domain is gone for good. */
  loseOwnership(actor: Actor, id: string): Promise<void>;
  /**
   * Whether DNS has the keys of a domain; `undefined` of a key about which it did not answer. Does nothing if
   * another key signs by now.
   */
  settleDkim(
    domain: Pick<DomainFacts, 'id' | 'dkimKey' | 'ed25519Key'>,
    found: { readonly [Key in 'dkim' | 'ed25519']: 'published' | 'missing' | undefined },
  ): Promise<void>;
  /** Plans the first check of domains without one: from an earlier release, or added before a crash. */
  planMissingChecks(): Promise<void>;
  count(): Promise<Readonly<Record<DomainStatus, number>>>;
  /** The keys that sign from now on. False if there is no such domain. */
  setDkimKeys(id: string, rsa: DkimPublicKey, ed25519?: DkimPublicKey): Promise<boolean>;
}

export function createDomainVerification(deps: {
  readonly entity: Entity<DomainDocument>;
  readonly documents: DomainDocuments;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<Tenants, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly schedule: CheckSchedule;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): DomainVerification {
  const { entity, documents, reader, writer, access, fields, schedule, clock, telemetry } = deps;

  const countOf = (status: mongo.Filter<DomainDocument>['status']) =>
    entity.collection.countDocuments({ ...isActive, status } as mongo.Filter<DomainDocument>);

  return {
    async facts(id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      const { tenant, createdAt } = document;
      const publicKey = async (field: 'dkimKey' | 'ed25519Key', selector: string | undefined) => {
        const sealed = document[field];
        if (selector === undefined || sealed === undefined) return undefined;
        return { selector, publicKey: await fields.open(tenant, fieldPath(id, field), sealed) };
      };
      return {
        ...(await documents.show(document)),
        tenant,
        challenge: blindIndex(await fields.indexKey(tenant), `challenge:${id}`),
        createdAt,
        dkimKey: await publicKey('dkimKey', document.dkimSelector),
        ed25519Key: await publicKey('ed25519Key', document.ed25519Selector),
      };
    },
    async verify(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return false;
      if (statusOf(document) !== 'unverified') return true;
      try {
        await documents.putInForce(document, { status: 'verified' });
      } catch (error) {
        if (error instanceof TakenError) return false;
        throw error;
      }
      telemetry.domainVerified(actor, document.tenant, id);
      return true;
    },
    async loseOwnership(actor, id) {
      const document = await reader.find(entity, id);
      const changes = { status: 'unverified' } as const;
      if (document === undefined) return;
      if (!(await writer.change(entity, id, changes, { status: 'verified' }))) return;
      telemetry.domainOwnershipLost(actor, document.tenant, id);
    },
    async settleDkim({ id, dkimKey, ed25519Key }, { dkim, ed25519 }) {
      const document = await reader.find(entity, id);
      if (document === undefined || document.dkim === 'assumed') return;
      const changes: Changes<DomainDocument> = {
        ...(document.status === undefined && { status: 'vouched' }),
        ...(dkim !== undefined && dkim !== document.dkim && { dkim }),
        ...(ed25519 !== undefined && ed25519 !== document.ed25519 && { ed25519 }),
      };
      const only = {
        dkim: document.dkim ?? { $exists: false },
        dkimSelector: dkimKey?.selector ?? { $exists: false },
        ed25519Selector: ed25519Key?.selector ?? { $exists: false },
      } as mongo.Filter<DomainDocument>;
      if (Object.keys(changes).length > 0) await writer.change(entity, id, changes, only);
    },
    async planMissingChecks() {
      const planned = await schedule.ids();
      for await (const document of entity.collection.find(isActive)) {
        const { _id: id, tenant } = document;
        if (planned.has(id) || access.fencedBy(tenant) !== undefined) continue;
        await access.run(tenant, 'write', () =>
          schedule.add(tenant, id, firstCheck(document, clock.now())),
        );
      }
    },
    async count() {
      const [unverified, verified, vouched] = await Promise.all([
        countOf('unverified'),
        countOf('verified'),
        // Documents of an earlier release have no status.
        countOf({ $nin: ['unverified', 'verified'] }),
      ]);
      return { unverified, verified, vouched };
    },
    async setDkimKeys(id, rsa, ed25519) {
      const document = await reader.find(entity, id);
      if (document === undefined) return false;
      const { tenant, dkim, dkimSelector, ed25519Selector, pendingSince } = document;
      const isNew = dkimSelector !== rsa.selector;
      const changes: Changes<DomainDocument> = {
        ...(isNew && {
          dkimSelector: rsa.selector,
          dkimKey: await fields.seal(tenant, fieldPath(id, 'dkimKey'), rsa.publicKey),
          ...(dkim === 'published' && { dkim: 'missing' }),
        }),
        ...(ed25519 !== undefined &&
          ed25519Selector !== ed25519.selector && {
            ed25519Selector: ed25519.selector,
            ed25519Key: await fields.seal(tenant, fieldPath(id, 'ed25519Key'), ed25519.publicKey),
            ed25519: 'missing',
          }),
      };
      // Delivery repeats a report if the state that it has names no Ed25519 key: a process of the release before
      // has published that state. It is published again.
      const isRepeated = ed25519 !== undefined && pendingSince === undefined;
      if (isRepeated || Object.keys(changes).length > 0) await writer.change(entity, id, changes);
      // Nobody can have published a key that was not shown yet.
      if (isNew && dkim !== 'assumed') await schedule.plan(id, clock.now());
      return true;
    },
  };
}
