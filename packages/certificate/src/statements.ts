import {
  commitmentTo,
  type Certificate,
  type NamedSubject,
  type SubjectKind,
} from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';
import { plural } from './text.ts';

/** The subject of the certificate, for a reader who has the nonce. */
export interface Opening {
  readonly subject: NamedSubject;
  readonly nonce: string;
}

/** What the reader of a certificate has given to open it. */
const given: Readonly<Record<SubjectKind, string>> = {
  tenant: 'the customer whose id you gave',
  person: 'the person whose address you gave',
};

export function checkCommitment({ subject }: Certificate, opening: Opening): Check {
  const { kind, commitment } = commitmentTo(opening.subject, opening.nonce);
  return {
    holds: `It is about ${given[kind]}`,
    reasons:
      kind === subject.kind && commitment === subject.commitment
        ? []
        : [`It is not about ${given[kind]}, or the nonce is another one`],
  };
}

const named: Readonly<Record<SubjectKind, string>> = { tenant: 'customer', person: 'person' };

/**
 * The order of the steps, by the clock of privacy. The times of receipts come from the services' own clocks
 * and are not compared here, because the sweeps confirm the receipts.
 */
export function checkOrder(certificate: Certificate): Check {
  const { requestedAt, fence, sweeps, completedAt } = certificate;
  const reasons: string[] = [];
  if (Date.parse(fence.raisedAt) < Date.parse(requestedAt)) {
    reasons.push('The fence was raised before the erasure was requested');
  }
  let before = Date.parse(fence.raisedAt);
  for (const { at } of sweeps) {
    if (Date.parse(at) <= before)
      reasons.push(`The sweep at ${at} is not later than the step before it`);
    before = Date.parse(at);
  }
  if (Date.parse(completedAt) < before) {
    reasons.push('It was complete before the last sweep');
  }
  return {
    holds: 'By its dates the request, the fence, the sweeps and the end are in this order',
    reasons,
  };
}

/** Every service has confirmed that it refuses everything of the subject. */
export function checkFence({ fence, subject }: Certificate, { services }: FrozenRegistry): Check {
  return {
    holds: `It says that each of the ${String(services.length)} services refused everything of the ${named[subject.kind]}`,
    reasons: services
      .filter((service) => !Object.hasOwn(fence.processes, service))
      .map((service) => `No process of ${service} has confirmed that it refuses everything`),
  };
}

/** The verifier found the canary before. So it reads the right collections and is able to find records. */
export function checkCanaries(
  { canaries, subject, holds = [] }: Certificate,
  registry: FrozenRegistry,
): Check {
  const stores = collectionsOf(registry, subject.kind)
    .map(({ id }) => id)
    .filter((id) => !holds.some(({ store }) => store === id));
  return {
    holds: `It says that the verifier found the test record in each of ${String(stores.length)} collections before`,
    reasons: stores
      .filter((store) => !canaries.includes(store))
      .map((store) => `The verifier did not find the test record in ${store} before`),
  };
}

/**
 * The sweeps found nothing: two for a tenant, before and after its keys were destroyed, and one for a person.
 * Stores that are erased with the keys are only in the last one. What a legal hold keeps is not searched.
 */
export function checkSweeps(
  { sweeps, subject, holds = [] }: Certificate,
  registry: FrozenRegistry,
): Check {
  const reasons: string[] = [];
  if (subject.kind === 'tenant' && sweeps.length < 2) {
    reasons.push(`The verifier made ${sweeps.length === 1 ? 'one sweep' : 'no sweep'}, not two`);
  }
  if (sweeps.length === 0 && subject.kind === 'person') reasons.push('The verifier made no sweep');
  for (const [index, { at, found }] of sweeps.entries()) {
    const isLast = index === sweeps.length - 1;
    for (const { id, erased } of collectionsOf(registry, subject.kind)) {
      const isHeld = holds.some(({ store }) => store === id);
      const isDue = (erased === 'purge' || isLast) && !isHeld;
      if (isDue && !Object.hasOwn(found, id)) reasons.push(`The sweep at ${at} left out ${id}`);
    }
    for (const [store, count] of Object.entries(found)) {
      if (count > 0) reasons.push(`The sweep at ${at} found ${String(count)} records in ${store}`);
    }
  }
  return {
    holds: `It says that the verifier then made ${plural(sweeps.length, 'sweep')} and found nothing`,
    reasons,
  };
}

/** The keys of the customer, as `destroyed` names them beside the root that wrapped them. */
const accountKeys = ['account', 'index'];

const isEpoch = (id: string): boolean => id.startsWith('epoch-');

/**
 * The customer's keys are destroyed, with the root that wrapped them. The values that this root had wrapped
 * were tried with the remaining roots: at least with the root of the next epoch.
 */
export function checkKeys({ keys: { destroyed, triedRoots }, subject }: Certificate): Check {
  if (subject.kind !== 'tenant') {
    return {
      holds:
        'It claims no destroyed key: those of the customer and of the days are not the person’s',
      reasons: [...destroyed, ...triedRoots].map(
        (id) => `It names the key ${id}, and the erasure of a person destroys none`,
      ),
    };
  }
  const reasons = accountKeys
    .filter((id) => !destroyed.includes(id))
    .map((id) => `It does not say that the key ${id} was destroyed`);
  if (!destroyed.some(isEpoch)) {
    reasons.push('It names no root key that was destroyed');
  }
  if (!triedRoots.some(isEpoch)) {
    reasons.push('No remaining root key was tried on what was locked');
  }
  for (const id of triedRoots.filter((root) => destroyed.includes(root))) {
    reasons.push(`The root key ${id} was destroyed, and is left, by the same certificate`);
  }
  return {
    holds:
      'It says that the keys were destroyed, and that no remaining root key opens what they locked',
    reasons,
  };
}

/** The collections in which the verifier finds subjects of this kind. */
function collectionsOf({ collections }: FrozenRegistry, kind: SubjectKind) {
  return collections.flatMap(({ id, subject }) => {
    const isSearched = kind === 'tenant' ? subject !== null : (subject?.person ?? null) !== null;
    return subject !== null && isSearched ? [{ id, erased: subject.erased }] : [];
  });
}

/** A version that cannot find this kind of subject proves nothing. Legal holds exist for persons alone. */
export function checkKind({ subject, holds }: Certificate, registry: FrozenRegistry): Check[] {
  const reasons: string[] = [];
  const isKnown = collectionsOf(registry, subject.kind).length > 0;
  if (!isKnown) {
    reasons.push(
      `Version ${String(registry.version)} of the registry cannot find a ${named[subject.kind]}`,
    );
  }
  if (holds !== undefined && subject.kind === 'tenant') {
    reasons.push('It names a legal hold, and nothing of a customer can be held');
  }
  return reasons.length === 0 ? [] : [{ reasons }];
}
