import { certificateType, type Certificate, type Receipt } from '@mysmtp/contracts';
import type { Check } from './check.ts';
import { checkVersion, readCertificate } from './format.ts';
import {
  checkRegistryTime,
  openRegistry,
  type FrozenRegistry,
  type RegistryOf,
} from './frozen-registry.ts';
import { openJws, type JwkSet } from './jws.ts';
import { certificateKeysIn, checkKeyOwners, invalidAt } from './published-keys.ts';
import { checkReceipts } from './receipts.ts';
import { checkRetained } from './retained.ts';
import {
  checkCanaries,
  checkCommitment,
  checkFence,
  checkKeys,
  checkKind,
  checkOrder,
  checkSweeps,
  type Opening,
} from './statements.ts';

/** The content of a certificate, once its signature is verified. */
export interface Statement {
  readonly kid: string;
  /** In the current form, also if it was written in an older one. */
  readonly certificate: Certificate;
  /** `undefined` if it is not available; then the required stores are unknown. */
  readonly registry: FrozenRegistry | undefined;
  /** The valid receipts, by store. */
  readonly receipts: ReadonlyMap<string, Receipt>;
}

/** The result of a verification. */
export interface Verification {
  readonly holds: boolean;
  readonly checks: readonly Check[];
  /** Absent if the signature does not hold, because its content is then not trusted. */
  readonly statement?: Statement;
}

/**
 * Verifies a certificate of erasure with only its content, the published keys (of certificates and of each
 * service) and the registry that it names.
 */
export async function verify(
  jws: string,
  keys: JwkSet,
  registryOf: RegistryOf,
  opening?: Opening,
): Promise<Verification> {
  const opened = await openJws(jws, certificateType, certificateKeysIn(keys));
  if ('reason' in opened) {
    return verification([{ reasons: [`The certificate ${opened.reason}`] }]);
  }
  const signed = { holds: `It is signed with the key ${opened.kid} and unchanged`, reasons: [] };
  const read = readCertificate(opened.payload);
  if ('reasons' in read) return verification([signed, read]);
  const { certificate } = read;
  const found = await openRegistry(certificate.registry, registryOf);
  const checks: Check[] = [signed, ...checkVersion(read)];
  let receipts: Statement['receipts'] = new Map();
  const registry = 'reason' in found ? undefined : found;
  if ('reason' in found) checks.push({ reasons: [found.reason] });
  else {
    const answers = await checkReceipts(read, found, keys);
    receipts = answers.receipts;
    checks.push(
      checkRegistryTime(certificate, found),
      ...checkKind(certificate, found),
      answers.check,
      checkRetained(certificate, found),
      checkFence(certificate, found),
      checkCanaries(certificate, found),
      checkSweeps(certificate, found),
    );
  }
  checks.push(
    checkKeyOwners(certificate, keys, registry),
    checkSigningTime(certificate, opened),
    checkOrder(certificate),
    checkKeys(certificate),
  );
  if (opening !== undefined) checks.push(checkCommitment(certificate, opening));
  return verification(checks, { kid: opened.kid, certificate, registry, receipts });
}

/** A key outside its validity signs nothing, so its holder cannot choose an arbitrary date. */
function checkSigningTime(
  { completedAt }: Certificate,
  { kid, key }: { readonly kid: string; readonly key: JwkSet['keys'][number] },
): Check {
  const invalid = invalidAt(completedAt, key);
  return {
    holds: 'It was complete while the key that signed it was valid, as published',
    reasons:
      invalid === undefined
        ? []
        : [
            `It was complete on ${completedAt}, and the key ${kid} was published as valid ${invalid}`,
          ],
  };
}

function verification(checks: readonly Check[], statement?: Statement): Verification {
  const holds = checks.every(({ reasons }) => reasons.length === 0);
  return { holds, checks, ...(statement === undefined ? {} : { statement }) };
}
