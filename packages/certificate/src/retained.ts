import {
  outlivingAt,
  registryVersions,
  type Certificate,
  type Receipt,
  type Retained,
} from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry, Stores } from './frozen-registry.ts';

type Store = FrozenRegistry['collections'][number];

/** The kept data that a receipt of this store must state: exactly that of the registry. */
export function allowedIn({ collections }: Stores, store: string): Retained[] {
  return collections.filter(({ id }) => id === store).flatMap(tombstonesOf);
}

/** The kept data in the certificate is exactly what the registry of its version allows. */
export function checkRetained(certificate: Certificate, registry: FrozenRegistry): Check {
  const before = registryVersions.find(({ version }) => version === registry.version);
  const outlives = registry.outlives ?? before?.outlives ?? [];
  const allowed = [
    ...registry.collections.flatMap(tombstonesOf),
    ...outlives.map((kept) => outlivingAt(kept, certificate)),
  ].map(textOf);
  return {
    holds: 'What it says is kept is what the registry allows, with its ground and its end',
    reasons: certificate.retained
      .filter((kept) => !allowed.includes(textOf(kept)))
      .map(({ category }) => `The registry does not allow to keep “${category}” like this`),
  };
}

/** Why a receipt does not match the kept data of the registry; `undefined` if it does. */
export function retainedFault({ store, retained }: Receipt, registry: Stores): string | undefined {
  const allowed = allowedIn(registry, store).map(textOf);
  const kept = retained.map(textOf);
  const more = retained.find((each) => !allowed.includes(textOf(each)));
  if (more !== undefined) {
    return `keeps “${more.category}”, which the registry does not allow for this store like this`;
  }
  return allowed.every((each) => kept.includes(each))
    ? undefined
    : 'does not say what is kept, as the registry does';
}

function tombstonesOf({ id, subject }: Store): Retained[] {
  if (subject === null || subject.ground === null) return [];
  const category = `${id}: ${subject.remains.join(', ')}`;
  return [{ category, ground: subject.ground, until: null }];
}

const textOf = ({ category, ground, until }: Retained): string =>
  JSON.stringify([category, ground, until]);
