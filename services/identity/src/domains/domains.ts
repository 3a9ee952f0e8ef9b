import { randomUUID } from 'node:crypto';
import { actorText, type Actor, type Signing } from '@mysmtp/contracts';
import { domainIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { reserve, type Reservation } from '../reservations/reserve.ts';
import { isActive, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import { firstCheck, type CheckSchedule } from './check-schedule.ts';
import { fieldPath, statusOf, type Domain, type DomainDocuments } from './documents.ts';
import type { DomainDocument } from './model.ts';

/** An operator's statement that a domain is the tenant's. */
export interface Vouch {
  readonly reason: string;
  /** The domain is used without a lookup in DNS: its mail is signed with an unpublished key too. */
  readonly withoutDns: boolean;
}

export interface Domains {
  /** Adds a domain: only a claim, unless an operator vouches for it. `name` is in A-label form. */
  add(actor: Actor, tenant: string, name: string, vouch?: Vouch): Promise<Domain>;
  /** The same, but inactive until the reservation is confirmed. */
  reserveName(
    actor: Actor,
    tenant: string,
    name: string,
    vouch?: Vouch,
  ): Promise<{ readonly domain: Domain; readonly reservation: Reservation }>;
  list(tenant: string): Promise<Domain[]>;
  find(id: string): Promise<{ readonly tenant: string } | undefined>;
  /** `undefined` if there is no such domain, as in the functions below. */
  setSigning(actor: Actor, id: string, signing: Signing): Promise<Domain | undefined>;
  /** Throws a `TakenError` if another tenant may send from this domain. */
  vouch(actor: Actor, id: string, vouch: Vouch): Promise<Domain | undefined>;
  /** The domain is unverified until a check finds its challenge in DNS. */
  endVouch(actor: Actor, id: string): Promise<Domain | undefined>;
  remove(actor: Actor, id: string): Promise<boolean>;
}

/** An account has too many domains that are not verified. Each of them costs lookups for a long time. */
export class ClaimLimitError extends Error {
  constructor() {
    super(`The account has ${String(mostClaims)} domains that are not verified: remove some first`);
    this.name = 'ClaimLimitError';
  }
}

const mostClaims = 50;

/** mySMTP signs unless the customer turns that off. */
const signingAtFirst: Signing = 'ours';

export function createDomains(deps: {
  readonly entity: Entity<DomainDocument>;
  readonly documents: DomainDocuments;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<Tenants, 'run'>;
  readonly fields: EncryptedFields;
  readonly schedule: CheckSchedule;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Domains {
  const { entity, documents, reader, writer, access, fields, schedule, clock, telemetry } = deps;
  const { show } = documents;

  async function vouchFields(
    actor: Actor,
    tenant: string,
    id: string,
    { reason, withoutDns }: Vouch,
  ) {
    return {
      status: 'vouched',
      vouchReason: await fields.seal(tenant, fieldPath(id, 'vouchReason'), reason),
      vouchedBy: actorText(actor),
      vouchedAt: clock.now(),
      dkim: withoutDns ? 'assumed' : 'missing',
    } as const;
  }

  async function limitClaims(tenant: string): Promise<void> {
    const claims = { ...isActive, tenant, status: 'unverified' as const };
    if ((await entity.collection.countDocuments(claims)) >= mostClaims) throw new ClaimLimitError();
  }

  async function reserveName(actor: Actor, tenant: string, name: string, vouch?: Vouch) {
    if (vouch === undefined) await limitClaims(tenant);
    const id: string = randomUUID();
    const document = {
      _id: id,
      tenant,
      name: await fields.seal(tenant, fieldPath(id, 'name'), name),
      nameIndex: domainIndex(await fields.indexKey(tenant), name),
      signing: signingAtFirst,
      status: 'unverified' as const,
      dkim: 'missing' as const,
      createdAt: clock.now(),
      ...(vouch && (await vouchFields(actor, tenant, id, vouch))),
    };
    // A claim clashes with no other tenant's domain, but an account has each name once.
    const same = { tenant, nameIndex: document.nameIndex };
    const contest =
      vouch === undefined
        ? { rivals: same, clashes: async () => true, taken: 'The account has this domain already' }
        : documents.contestFor(name, same);
    const { withdraw, confirm } = await reserve({ ...contest, writer, entity, fields: document });
    if ('end' in contest) contest.end();
    const { signing, status } = document;
    const reservation = {
      withdraw,
      async confirm() {
        await confirm();
        await access.run(tenant, 'write', () =>
          schedule.add(tenant, id, firstCheck(document, clock.now())),
        );
      },
    };
    return { domain: { id, name, signing, status }, reservation };
  }

  async function showAgain(id: string): Promise<Domain | undefined> {
    const document = await reader.find(entity, id);
    return document && show(document);
  }

  return {
    reserveName,
    async add(actor, tenant, name, vouch) {
      const { domain, reservation } = await reserveName(actor, tenant, name, vouch);
      await reservation.confirm();
      telemetry.domainAdded(actor, tenant, domain.id, domain.status);
      return domain;
    },
    async list(tenant) {
      return Promise.all((await reader.list(entity, tenant)).map(show));
    },
    find: (id) => reader.find(entity, id),
    async setSigning(actor, id, signing) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      // While the customer signs, identity does not check whether DNS has our keys.
      const isChanged = signing !== document.signing;
      const changes = {
        signing,
        ...(isChanged && document.dkim === 'published' && { dkim: 'missing' as const }),
        ...(isChanged && document.ed25519 === 'published' && { ed25519: 'missing' as const }),
      };
      if (!(await writer.change(entity, id, changes))) return undefined;
      if (document.dkim !== 'assumed') await schedule.plan(id, clock.now());
      telemetry.domainChanged(actor, document.tenant, id);
      return showAgain(id);
    },
    async vouch(actor, id, vouch) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      const { tenant, dkim, ed25519 } = document;
      const known = dkim === 'assumed' ? 'missing' : dkim;
      // Without DNS no check corrects it.
      const isStale = vouch.withoutDns && ed25519 === 'published';
      const changes = {
        ...(await vouchFields(actor, tenant, id, vouch)),
        ...(isStale && { ed25519: 'missing' as const }),
      };
      await documents.putInForce(
        document,
        vouch.withoutDns || known === undefined ? changes : { ...changes, dkim: known },
      );
      telemetry.domainVouched(actor, tenant, id);
      await schedule.plan(id, vouch.withoutDns ? undefined : clock.now());
      return showAgain(id);
    },
    async endVouch(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      if (statusOf(document) === 'vouched') {
        const { dkim = 'missing' } = document;
        const changes = {
          status: 'unverified',
          dkim: dkim === 'assumed' ? 'missing' : dkim,
        } as const;
        await writer.change(entity, id, changes);
        telemetry.domainVouchEnded(actor, document.tenant, id);
        await schedule.plan(id, clock.now());
      }
      return showAgain(id);
    },
    async remove(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.deleteEntity(entity, id))) return false;
      await schedule.remove(id);
      telemetry.domainRemoved(actor, document.tenant, id);
      return true;
    },
  };
}
