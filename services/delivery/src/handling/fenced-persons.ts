import { detailsRecord, reader, UsageDetails, written, type Envelope } from '@mysmtp/contracts';
import { openJson, SealError, sealJson } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { Erased } from '../core/state.ts';
import type { Message } from '../message/message.ts';

interface Found {
  readonly erased: Erased;
  /** The message without them. */
  readonly message: Message;
  readonly erasures: readonly string[];
}

/** The fenced persons of a message; `undefined` if there are none, as nearly always. */
export function fencedIn(
  message: Message,
  tenants: Pick<Tenants, 'personFences'>,
): Found | undefined {
  const { tenant, acceptedAt, envelope } = message;
  const fences = tenants.personFences(tenant);
  if (fences === undefined) return undefined;
  const erasures = new Set<string>();
  const isFenced = (person: string): boolean => {
    const erasure = fences.of(acceptedAt, person);
    if (erasure !== undefined) erasures.add(erasure);
    return erasure !== undefined;
  };
  const isSender = isFenced(envelope.senderIndex);
  const isAbout = (envelope.about ?? []).some(isFenced);
  const recipients = envelope.recipients.flatMap(({ index }, n) => (isFenced(index) ? [n] : []));
  if (erasures.size === 0) return undefined;
  const isAll = isSender || isAbout;
  const changed = isAll ? envelope.recipients.keys() : recipients;
  const details = new Map<number, Buffer>();
  for (const n of changed) {
    const sealed = detailsWithout(message, n, { isSender, isRecipient: recipients.includes(n) });
    if (sealed !== undefined) details.set(n, sealed);
  }
  return {
    erased: { recipients, isAll, isSender, details },
    message: { ...message, envelope: envelopeWithout(envelope, { isSender, recipients }) },
    erasures: [...erasures],
  };
}

function envelopeWithout(
  { about: _about, senderDomainIndex, ...envelope }: Envelope,
  { isSender, recipients }: { readonly isSender: boolean; readonly recipients: readonly number[] },
): Envelope {
  const erased = new Set(recipients);
  const domain = senderDomainIndex === undefined || isSender ? {} : { senderDomainIndex };
  return {
    ...envelope,
    ...(isSender ? { reversePath: '', senderIndex: '' } : domain),
    // The positions of the others stay.
    recipients: envelope.recipients.map((one, n) =>
      erased.has(n) ? { address: '', index: '', log: '' } : one,
    ),
  };
}

/**
 * The details of a row of the usage log without the person, so that the customer still sees the recipient
 * counted. `undefined` if there are none: a DSN, or the events key of the day is destroyed.
 */
function detailsWithout(
  { id, tenant, keys, envelope }: Message,
  n: number,
  { isSender, isRecipient }: { readonly isSender: boolean; readonly isRecipient: boolean },
): Buffer | undefined {
  const log = envelope.recipients[n]?.log ?? '';
  if (log === '') return undefined;
  const record = detailsRecord(id, n);
  try {
    const { tags: _tags, ...details } = reader(UsageDetails).parse(
      openJson(keys.events, { tenant, record }, Buffer.from(log, 'base64')),
    );
    const left = written(UsageDetails, {
      ...details,
      ...(isSender && { sender: '' }),
      ...(isRecipient && { recipient: '' }),
    });
    return sealJson(keys.events, { tenant, keyId: keys.eventsId, record }, left);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
