import { commitmentTo, type Certificate, type Subject } from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';

/** Who the certificate is about, for whoever was told the nonce. */
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
 * One after the other, by the clock of privacy. When the services signed is told by their own clocks
 * and proves nothing here: what they say is what the looks confirm.
 */
export function checkOrder(certificate: Certificate): Check {
  const { requestedAt, fence, sweeps, completedAt } = certificate;
  const reasons: string[] = [];
  if (Date.parse(fence.raisedAt) < Date.parse(requestedAt)) {
    reasons.push('The fence was raised before the erasure was asked for');
  }
  let before = Date.parse(fence.raisedAt);
  for (const { at } of sweeps) {
    if (Date.parse(at) <= before)
      reasons.push(`The look at ${at} is not after what comes before it`);
    before = Date.parse(at);
  }
  if (Date.parse(completedAt) < before) {
    reasons.push('It was complete before the last look had been made');
  }
  return {
    holds: 'By its dates the request, the fence, the looks and the end came one after the other',
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

/** The verifier found the canary before: it looks in the right place, and can see. */
export function checkCanaries({ canaries }: Certificate, registry: FrozenRegistry): Check {
  const stores = collectionsOf(registry).map(({ id }) => id);
  return {
    holds: `It says that the verifier found the test record in each of ${String(stores.length)} collections before`,
    reasons: stores
      .filter((store) => !canaries.includes(store))
      .map((store) => `The verifier did not find the test record in ${store} before`),
  };
}

/** Two looks found nothing. What is erased with the keys only is looked at in the last one. */
export function checkSweeps({ sweeps }: Certificate, registry: FrozenRegistry): Check {
  const reasons: string[] = [];
  if (sweeps.length < 2) {
    reasons.push(`The verifier looked ${sweeps.length === 1 ? 'once' : 'never'}, not twice`);
  }
  for (const [index, { at, found }] of sweeps.entries()) {
    const isLast = index === sweeps.length - 1;
    for (const { id, erased } of collectionsOf(registry)) {
      const isDue = erased === 'purge' || isLast;
      if (isDue && !Object.hasOwn(found, id)) reasons.push(`The look at ${at} left out ${id}`);
    }
    for (const [store, count] of Object.entries(found)) {
      if (count > 0) reasons.push(`The look at ${at} found ${String(count)} records in ${store}`);
    }
  }
  return {
    holds: `It says that the verifier then looked ${String(sweeps.length)} times and found nothing`,
    reasons,
  };
}

/** The keys made for the customer, as `destroyed` names them beside the root that wrapped them. */
const accountKeys = ['account', 'index'];

const isEpoch = (id: string): boolean => id.startsWith('epoch-');

/**
 * The customer's keys are gone, with the root that wrapped them, and what that root had wrapped was
 * tried with those that are left: the root of the epoch after it at least.
 */
export function checkKeys({ keys: { destroyed, triedRoots } }: Certificate): Check {
  const reasons = accountKeys
    .filter((id) => !destroyed.includes(id))
    .map((id) => `It does not say that the key ${id} was destroyed`);
  if (!destroyed.some(isEpoch)) {
    reasons.push('It names no root key that was destroyed');
  }
  if (!triedRoots.some(isEpoch)) {
    reasons.push('Nobody tried whether a remaining root key still opens what was locked');
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
