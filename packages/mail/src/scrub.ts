import { splitAddress } from './address.ts';
import { isReplyWord } from './reply-words.ts';

const longest = 500;
const anyAddress = /<?("[^"]*"|[^\s<>"']+)@[^\s<>"',;]+>?/gu;

/**
 * Removes personal data from a remote reply, which often repeats the address, or half of it. The result may
 * be logged for its tenant: no address, none of the given domains, no control character, short.
 *
 * A local part on its own (`User jane.doe unknown`) is personal data, so it is removed everywhere. The
 * exception are common words of replies (reply-words.ts): `Please contact support` does not refer to
 * `support@`, and the reader needs the words. Such a word is removed only if the reply names a mailbox with
 * it.
 */
export function scrubReply(
  text: string,
  addresses: readonly string[],
  domains: readonly string[] = [],
): string {
  // Longer than needed but bounded, because a peer may send any length.
  let scrubbed = text.slice(0, longest * 4).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  const parts = addresses.map(splitAddress);
  const names = [...domains, ...parts.map((part) => part.domain)];
  const localParts = parts.map((part) => part.localPart);
  // Most replies repeat no address or part of one, so a search before replacing is cheaper.
  if (scrubbed.includes('@') || hasAny(scrubbed, [...names, ...localParts])) {
    scrubbed = replaceAll(scrubbed, addresses, '<address>');
    scrubbed = scrubbed.replaceAll(anyAddress, '<address>');
    scrubbed = replaceAll(scrubbed, names, '<domain>');
    const telling = localParts.filter((part) => /\p{L}/u.test(part));
    const others = telling.filter((part) => !isReplyWord(part));
    scrubbed = replaceAll(scrubbed, others, '<address>');
    scrubbed = replaceAll(scrubbed, telling.filter(isReplyWord), '<address>', mailboxOf);
  }
  return scrubbed.replaceAll(/ {2,}/g, ' ').trim().slice(0, longest);
}

/** Case-insensitive. */
function hasAny(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.some((word) => word !== '' && lower.includes(word.toLowerCase()));
}

const alone = (word: string) => String.raw`<?(?<![\p{L}\p{N}])(?:${word})(?![\p{L}\p{N}])>?`;

/** As the name of a mailbox: in quotes, in brackets, or after a word such as "mailbox". */
const mailboxOf = (word: string) =>
  [
    String.raw`<(?:${word})>`,
    String.raw`(?<=["'])(?:${word})(?=["'])`,
    String.raw`(?<=\b(?:user|username|mailbox|recipient|account|login)(?: |: ?|=))(?:${word})(?![\p{L}\p{N}])`,
  ].join('|');

/** Replaces whole words only, together with angle brackets around them. */
function replaceAll(
  text: string,
  words: readonly string[],
  by: string,
  where: (word: string) => string = alone,
): string {
  const alternatives = [...new Set(words)].filter((word) => hasAny(text, [word]));
  if (alternatives.length === 0) return text;
  alternatives.sort((a, b) => b.length - a.length);
  const pattern = alternatives.map(literally).join('|');
  return text.replaceAll(new RegExp(where(pattern), 'giu'), by);
}

const literally = (word: string) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
