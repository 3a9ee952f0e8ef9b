import { commitmentOf, serviceNames, type Certificate } from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry } from './frozen-registry.ts';

/** Who the certificate is about, for whoever was told the nonce. */
export interface Opening {
  readonly tenant: string;
  readonly nonce: string;
}

export function checkCommitment({ commitment }: Certificate, { tenant, nonce }: Opening): Check {
  return {
    holds: 'It is about the customer whose id you gave',
    reasons:
      commitmentOf(nonce, tenant) === commitment
        ? []
        : ['It is not about the customer whose id you gave, or the nonce is another one'],
  };
}

/** All in the order in which it has to happen. */
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
  return { holds: 'Everything happened in the order in which it has to', reasons };
}

/** Every service has confirmed that it refuses everything of the customer. */
export function checkFence({ fence }: Certificate): Check {
  return {
    holds: 'Each of the five services has confirmed that it refuses everything of the customer',
    reasons: serviceNames
      .filter((service) => !Object.hasOwn(fence.processes, service))
      .map((service) => `No process of ${service} has confirmed that it refuses everything`),
  };
}

/** The verifier found the canary before: it looks in the right place, and can see. */
export function checkCanaries({ canaries }: Certificate, registry: FrozenRegistry): Check {
  const stores = collectionsOf(registry).map(({ id }) => id);
  return {
    holds: `The verifier found the test record in each of ${String(stores.length)} collections before`,
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
    holds: `The verifier then looked ${String(sweeps.length)} times and found nothing`,
    reasons,
  };
}

/** The keys are gone, and what they opened was tried with those that are left. */
export function checkKeys({ keys }: Certificate): Check {
  const reasons: string[] = [];
  if (keys.destroyed.length === 0) reasons.push('It names no key that was destroyed');
  if (keys.triedRoots.length === 0) {
    reasons.push('Nobody tried whether a remaining root key still opens what was locked');
  }
  return { holds: 'The keys were destroyed, and no remaining root key opens them', reasons };
}

function collectionsOf({ collections }: FrozenRegistry) {
  return collections.flatMap(({ id, subject }) =>
    subject === null ? [] : [{ id, erased: subject.erased }],
  );
}
