import { parseHeaderValue } from 'nodemailer/lib/mime-funcs';
import { fieldValue, headerFields, type HeaderField } from '../header.ts';

/** Properties of an entity that follow from its position. */
export interface Place {
  /** Its header is that of a message, the outermost or an attached one. */
  readonly isMessage: boolean;
  /** It is a part of a multipart/digest: message/rfc822 unless it says otherwise (RFC 2046 5.1.5). */
  readonly isInDigest: boolean;
  /** A signature covers it, octet for octet (RFC 1847 2.1). */
  readonly isSigned: boolean;
  readonly depth: number;
}

/**
 * `opaque`: only copying is safe, because readers may interpret it differently, or only copying is allowed.
 */
export type Kind = 'text' | 'other' | 'multipart' | 'message' | 'opaque';

/**
 * A MIME entity (RFC 2045 2.4): a message or a part, with the properties of its header that recoding needs.
 */
export interface Entity extends Place {
  /** Its index among all entities, in the order of their headers. */
  readonly index: number;
  readonly header: Buffer;
  /** `undefined` if the header is malformed. */
  readonly fields: readonly HeaderField[] | undefined;
  readonly kind: Kind;
  /** The declared Content-Transfer-Encoding in lower case; `7bit` if there is none (RFC 2045 6.1). */
  readonly encoding: string;
  /** Of a multipart. */
  readonly boundary: string;
  readonly isDigest: boolean;
  readonly signsItsParts: boolean;
}

/** Deeper nesting than that of any mail program. */
const depthLimit = 32;

export function readEntity(index: number, header: Buffer, place: Place): Entity {
  const fields = headerFields(header);
  const type = onlyValue(fields, 'content-type');
  const encoding = onlyValue(fields, 'content-transfer-encoding');
  const declared = encoding === undefined ? '7bit' : withoutComments(encoding ?? '').toLowerCase();
  const { value, params } = parseHeaderValue(type ?? '', { stripComments: true });
  const media = value.toLowerCase();
  const boundary = isPlainBoundary(type ?? '', params['boundary']) ? params['boundary'] : '';
  const isClear = fields !== undefined && type !== null && encoding !== null;
  const kind = isClear ? kindOf(type, media, declared, boundary, place) : 'opaque';
  return {
    ...place,
    index,
    header,
    fields,
    kind,
    encoding: declared,
    boundary,
    isDigest: media === 'multipart/digest',
    signsItsParts: media === 'multipart/signed',
  };
}

/** The value of a field; `undefined` if there is none, `null` if there are several different ones. */
function onlyValue(
  fields: readonly HeaderField[] | undefined,
  name: string,
): string | undefined | null {
  const values = new Set(fields?.filter((field) => field.name === name).map(fieldValue));
  return values.size > 1 ? null : [...values][0];
}

const withoutComments = (value: string) => value.replaceAll(/\([^()]*\)/g, '').trim();

const isIdentity = (encoding: string) => /^(?:7bit|8bit|binary)$/.test(encoding);

/** RFC 6532 3.7 and RFC 6533 allow every encoding for these, unlike for other subtypes of message. */
const encodable = /^message\/global(?:-headers|-delivery-status|-disposition-notification)?$/;

function kindOf(
  type: string | undefined,
  media: string,
  encoding: string,
  boundary: string,
  { isInDigest, depth }: Place,
): Kind {
  const isComposite = media.startsWith('multipart/') || media.startsWith('message/');
  if (type === undefined) return isInDigest ? 'message' : leaf('text', encoding);
  if (encodable.test(media)) return leaf('other', encoding);
  if (isComposite) {
    // RFC 2045 6.4: such an entity has no other encoding.
    if (!isIdentity(encoding) || depth >= depthLimit) return 'opaque';
    if (media === 'message/rfc822') return 'message';
    return media.startsWith('multipart/') && boundary !== '' ? 'multipart' : 'opaque';
  }
  // A value without type and subtype is plain text (RFC 2045 5.2), unless it is ambiguous.
  if (/multipart\/|message\//i.test(type)) return 'opaque';
  return leaf(media.startsWith('text/') || !media.includes('/') ? 'text' : 'other', encoding);
}

const leaf = (kind: 'text' | 'other', encoding: string): Kind =>
  isIdentity(encoding) || encoding === 'quoted-printable' || encoding === 'base64'
    ? kind
    : 'opaque';

/** Given once, in one section, in characters that no reader changes (RFC 2046 5.1.1, RFC 2231 3). */
function isPlainBoundary(type: string, boundary: string | undefined): boundary is string {
  const names = type.match(/(?:^|[\s;])boundary[\d*]*\s*=/gi) ?? [];
  return (
    names.length === 1 && !names[0].includes('*') && /^[ -~]{0,199}[!-~]$/.test(boundary ?? '')
  );
}
