import { createHash } from 'node:crypto';
import { Outliving, registryVersions, serviceNames, type Certificate } from '@mysmtp/contracts';
import type { Check } from './check.ts';
import { z } from 'zod';

const store = {
  id: z.string(),
  service: z.enum(serviceNames),
  /** Until version 5; only documentation since. */
  purpose: z.string().optional(),
};

/** The services that had to confirm a fence until version 5, in which the registry does not name them. */
const fiveServices = ['ingress', 'delivery', 'logging', 'identity', 'privacy'];

/**
 * The parts of a registry of personal data that a certificate is checked against. Not the whole schema of
 * today, because certificates must remain verifiable when later versions differ.
 */
const FrozenRegistry = z.object({
  version: z.number(),
  services: z.array(z.string()).default(fiveServices),
  collections: z.array(
    z.object({
      ...store,
      subject: z
        .object({
          erased: z.enum(['purge', 'shred']),
          remains: z.array(z.string()),
          ground: z.string().nullable(),
          /** Versions before 9 cannot erase a person. */
          person: z.record(z.string(), z.string()).nullable().optional(),
        })
        .nullable(),
    }),
  ),
  queues: z.array(z.object({ ...store, marker: z.boolean() })),
  outlives: z.array(Outliving).optional(),
});
export type FrozenRegistry = z.infer<typeof FrozenRegistry>;

/** The part of it that receipts are checked against. */
export type Stores = Pick<FrozenRegistry, 'version' | 'collections' | 'queues'>;

/** The octets of the registry of a version as it was used then; `undefined` if there is none. */
export type RegistryOf = (version: number) => Promise<Uint8Array | undefined>;

/** The registry that a certificate names, or the reason why it is not available. */
export async function openRegistry(
  { version, sha256 }: { readonly version: number; readonly sha256: string },
  registryOf: RegistryOf,
): Promise<FrozenRegistry | { readonly reason: string }> {
  const name = `version ${String(version)} of the registry of personal data`;
  const octets = await registryOf(version);
  if (octets === undefined) return { reason: `There is no ${name} here` };
  if (createHash('sha256').update(octets).digest('hex') !== sha256) {
    return { reason: `It was made by another ${name} than the one here (SHA-256)` };
  }
  const parsed = FrozenRegistry.safeParse(JSON.parse(Buffer.from(octets).toString()));
  if (!parsed.success || parsed.data.version !== version) {
    return { reason: `The ${name} does not say which stores must answer to an erasure` };
  }
  return parsed.data;
}

/** A version is valid for certificates of the time in which it was in use. */
export function checkRegistryTime(
  { completedAt }: Certificate,
  { version }: FrozenRegistry,
): Check {
  const used = registryVersions.find((one) => one.version === version);
  const isIn =
    used !== undefined &&
    Date.parse(completedAt) >= Date.parse(used.from) &&
    (used.until === null || Date.parse(completedAt) < Date.parse(used.until));
  const end = used?.until === null ? '' : ` until ${used?.until ?? ''}`;
  return {
    holds: `It was made by version ${String(version)} of the registry, in the time in which that was used`,
    reasons: isIn
      ? []
      : [
          `It was complete on ${completedAt}, and version ${String(version)} of the registry was used from ${used?.from ?? ''}${end}`,
        ],
  };
}
