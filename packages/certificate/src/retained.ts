import {
  outlivingAt,
  outlivingOf,
  registryVersions,
  retainedByHold,
  type Certificate,
  type Hold,
  type Receipt,
  type Retained,
  type SubjectKind,
} from '@mysmtp/contracts';
import type { Check } from './check.ts';
import type { FrozenRegistry, Stores } from './frozen-registry.ts';

type Store = FrozenRegistry['collections'][number];

/** The kept data that a receipt must state: exactly that of the registry, or of the legal hold. */
interface Allowing {
  readonly kind: SubjectKind;
  readonly hold?: Hold | undefined;
  readonly registry: Stores;
}

export function allowedIn({ kind, hold, registry }: Allowing, store: string): Retained[] {
  if (hold !== undefined) return [retainedByHold(hold)];
  // Only a tenant leaves tombstones.
  if (kind !== 'tenant') return [];
  return registry.collections.filter(({ id }) => id === store).flatMap(tombstonesOf);
}

/** The kept data in the certificate is exactly what the registry of its version and its holds allow. */
export function checkRetained(certificate: Certificate, registry: FrozenRegistry): Check {
  const before = registryVersions.find(({ version }) => version === registry.version);
  const outlives = registry.outlives ?? before?.outlives ?? [];
  const { kind } = certificate.subject;
  const allowed = [
    ...(kind === 'tenant' ? registry.collections.flatMap(tombstonesOf) : []),
    ...outlivingOf(outlives, kind).map((kept) => outlivingAt(kept, certificate)),
    ...(certificate.holds ?? []).map(retainedByHold),
  ].map(textOf);
  return {
    holds: 'What it says is kept is what the registry allows, with its ground and its end',
    reasons: certificate.retained
      .filter((kept) => !allowed.includes(textOf(kept)))
      .map(({ category }) => `The registry does not allow to keep “${category}” like this`),
  };
}

/** Why a receipt does not match the kept data of the registry; `undefined` if it does. */
export function retainedFault(
  { store, retained }: Receipt,
  allowing: Allowing,
): string | undefined {
  const allowed = allowedIn(allowing, store).map(textOf);
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
