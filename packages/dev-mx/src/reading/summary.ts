import { envelopeOf, line, parse } from './parse.ts';

/** The entry of a mail in the list. */
export interface Summary {
  /** Both empty if the mail names no sender. */
  readonly from: { readonly name: string; readonly address: string };
  /** From the envelope: the recipient of this copy. */
  readonly deliveredTo: string;
  readonly subject: string;
}

/**
 * Length limit of a field in the list. The list reads fifty mails at once, and the parser is slow for a long
 * field that contains only brackets.
 */
const longestField = 4_000;

/** Reads a mail's beginning. */
export async function summarize(head: Buffer): Promise<Summary> {
  // The MX's own lines are first, so the header is never empty (RFC 5322 2.1).
  const [header = ''] = head.toString('latin1').split('\r\n\r\n', 1);
  const fields = `${firstField(header, 'From')}\r\n${firstField(header, 'Subject')}\r\n\r\n`;
  const email = await parse(Buffer.from(fields.trimStart(), 'latin1'));
  const [sender] = email.from?.group ?? [email.from];
  return {
    from: { name: line(sender?.name), address: line(sender?.address) },
    deliveredTo: envelopeOf(head).deliveredTo,
    subject: line(email.subject),
  };
}

/** A field with its continuations (RFC 5322 2.2.3), or nothing. */
function firstField(header: string, name: string): string {
  const field = new RegExp(`^${name}[ \\t]*:.*(?:\\r\\n[ \\t].*)*`, 'im').exec(header)?.[0] ?? '';
  return field.slice(0, longestField).trimEnd();
}
