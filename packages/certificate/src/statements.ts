import { commitmentTo, type Certificate, type Subject } from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';

/** The subject of the certificate, for a reader who has the nonce. */
export interface Opening {
  readonly subject: Subject;
  readonly nonce: string;
}

export function checkCommitment({ subject }: Certificate, opening: Opening): Check {
  const { kind, commitment } = commitmentTo(opening.subject, opening.nonce);
  return {
    holds: 'It is about the customer whose id you gave',
    reasons:
      kind === subject.kind && commitment === subject.commitment
        ? []
        : ['It is not about the customer whose id you gave, or the nonce is another one'],
  };
}

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

/** Every service has confirmed that it refuses everything of the customer. */
export function checkFence({ fence }: Certificate, { services }: FrozenRegistry): Check {
  return {
    holds: `It says that each of the ${String(services.length)} services refused everything of the customer`,
    reasons: services
      .filter((service) => !Object.hasOwn(fence.processes, service))
      .map((service) => `No process of ${service} has confirmed that it refuses everything`),
  };
}

/** The verifier found the canary before. So it reads the right collections and is able to find records. */
export function checkCanaries({ canaries }: Certificate, registry: FrozenRegistry): Check {
  const stores = collectionsOf(registry).map(({ id }) => id);
  return {
    holds: `It says that the verifier found the test record in each of ${String(stores.length)} collections before`,
    reasons: stores
      .filter((store) => !canaries.includes(store))
      .map((store) => `The verifier did not find the test record in ${store} before`),
  };
}

/** Two sweeps found nothing. Stores that are erased with the keys are only in the last one. */
export function checkSweeps({ sweeps }: Certificate, registry: FrozenRegistry): Check {
  const reasons: string[] = [];
  if (sweeps.length < 2) {
    reasons.push(`The verifier made ${sweeps.length === 1 ? 'one sweep' : 'no sweep'}, not two`);
  }
  for (const [index, { at, found }] of sweeps.entries()) {
    const isLast = index === sweeps.length - 1;
    for (const { id, erased } of collectionsOf(registry)) {
      const isDue = erased === 'purge' || isLast;
      if (isDue && !Object.hasOwn(found, id)) reasons.push(`The sweep at ${at} left out ${id}`);
    }
    for (const [store, count] of Object.entries(found)) {
      if (count > 0) reasons.push(`The sweep at ${at} found ${String(count)} records in ${store}`);
    }
  }
  return {
    holds: `It says that the verifier then made ${String(sweeps.length)} sweeps and found nothing`,
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
export function checkKeys({ keys: { destroyed, triedRoots } }: Certificate): Check {
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

function collectionsOf({ collections }: FrozenRegistry) {
  return collections.flatMap(({ id, subject }) =>
    subject === null ? [] : [{ id, erased: subject.erased }],
  );
}
