import type { LegalBasis } from '@mysmtp/contracts';
import { addressIndex, domainIndex } from '@mysmtp/seal';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { CredentialDocument, SettingFields } from './model.ts';

/** What a customer decides about a credential. `null` removes a value. */
export interface CredentialSettings {
  readonly label?: string | null | undefined;
  /** The only addresses and domains from which it may send, domains in A-label form. */
  readonly senders?: readonly string[] | null | undefined;
  /** The only client networks (CIDR). */
  readonly networks?: readonly string[] | null | undefined;
  /** Its mail is never delivered. */
  readonly sandbox?: boolean | undefined;
  /** RFC 3339. */
  readonly expiresAt?: string | null | undefined;
  /** What the mail is sent for, and on which legal basis. Kept for the customer's own records. */
  readonly purpose?: string | null | undefined;
  readonly basis?: LegalBasis | null | undefined;
}

/** The same without absent values. */
export interface ShownSettings {
  readonly label: string | null;
  readonly senders: string[] | null;
  readonly networks: string[] | null;
  readonly sandbox: boolean;
  readonly expiresAt: string | null;
  readonly purpose: string | null;
  readonly basis: LegalBasis | null;
}

type SealedName = 'label' | 'senders' | 'networks' | 'purpose' | 'cidr';

export const fieldPath = (id: string, field: SealedName) => `credentials:${id}:${field}` as const;

/** The fields of a document for these settings. Settings that are `undefined` are left out. */
export async function sealSettings(
  encrypted: EncryptedFields,
  { tenant, id }: { readonly tenant: string; readonly id: string },
  { label, senders, networks, sandbox, expiresAt, purpose, basis }: CredentialSettings,
): Promise<Partial<SettingFields>> {
  const seal = async (name: SealedName, text: string | null | undefined) => {
    if (text === undefined) return undefined;
    const value = text === null ? null : await encrypted.seal(tenant, fieldPath(id, name), text);
    return { [name]: value };
  };
  return {
    ...(await seal('label', label)),
    ...(await seal('purpose', purpose)),
    ...(await seal('senders', asJson(senders))),
    ...(await seal('networks', asJson(networks))),
    ...(senders !== undefined && {
      senderIndexes: senders === null ? null : await indexesOf(encrypted, tenant, senders),
    }),
    ...(sandbox !== undefined && { sandbox }),
    ...(expiresAt !== undefined && {
      expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
    }),
    ...(basis !== undefined && { basis }),
  };
}

export async function showSettings(
  encrypted: EncryptedFields,
  document: CredentialDocument,
): Promise<ShownSettings> {
  const {
    _id: id,
    tenant,
    label,
    senders,
    networks,
    sandbox,
    expiresAt,
    purpose,
    basis,
  } = document;
  const open = async (name: SealedName, sealed: string | null | undefined) =>
    sealed === undefined || sealed === null
      ? null
      : encrypted.open(tenant, fieldPath(id, name), sealed);
  const list = async (name: SealedName, sealed: string | null | undefined) => {
    const text = await open(name, sealed);
    return text === null ? null : (JSON.parse(text) as string[]);
  };
  return {
    label: await open('label', label),
    senders: await list('senders', senders),
    networks: await list('networks', networks),
    sandbox: sandbox ?? false,
    expiresAt: timeText(expiresAt),
    purpose: await open('purpose', purpose),
    basis: basis ?? null,
  };
}

/** RFC 3339; `null` for no time. */
export const timeText = (time: number | null | undefined): string | null =>
  time === undefined || time === null ? null : new Date(time).toISOString();

const asJson = (list: readonly string[] | null | undefined) =>
  list === undefined || list === null ? list : JSON.stringify(list);

async function indexesOf(
  encrypted: EncryptedFields,
  tenant: string,
  senders: readonly string[],
): Promise<string[]> {
  const key = await encrypted.indexKey(tenant);
  return senders.map((sender) =>
    sender.includes('@') ? addressIndex(key, sender) : domainIndex(key, sender),
  );
}
