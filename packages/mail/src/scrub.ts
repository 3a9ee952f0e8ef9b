import { splitAddress } from './address.ts';
import { isReplyWord } from './reply-words.ts';

const longest = 500;
const anyAddress = /<?("[^"]*"|[^\s<>"']+)@[^\s<>"',;]+>?/gu;

/**
 * A remote reply without the people in it: it often repeats the address, or half of it. What is left
 * is fit for a log that its tenant reads: no address, no domain given, no control character, short.
 *
 * A local part that stands alone (`User jane.doe unknown`) is personal data, so it goes wherever it
 * stands. The exception are words with which replies are written (reply-words.ts): `Please contact
 * support` says nothing of `support@`, and who reads it needs the words. Such a word goes only where
 * the reply speaks of a mailbox of that name.
 */
export function scrubReply(
  text: string,
  addresses: readonly string[],
  domains: readonly string[] = [],
): string {
  // Longer than needed but bounded: a peer may send what it likes.
  let scrubbed = text.slice(0, longest * 4).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  const parts = addresses.map(splitAddress);
  const names = [...domains, ...parts.map((part) => part.domain)];
  const localParts = parts.map((part) => part.localPart);
  // Most replies repeat nothing, neither whole addresses nor parts: to look is cheaper than to replace.
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

/** In any case of letters. */
function hasAny(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.some((word) => word !== '' && lower.includes(word.toLowerCase()));
}

const alone = (word: string) => String.raw`<?(?<![\p{L}\p{N}])(?:${word})(?![\p{L}\p{N}])>?`;

/** As the name of a mailbox: in quotes, in brackets, or after a word that says so. */
const mailboxOf = (word: string) =>
  [
    String.raw`<(?:${word})>`,
    String.raw`(?<=["'])(?:${word})(?=["'])`,
    String.raw`(?<=\b(?:user|username|mailbox|recipient|account|login)(?: |: ?|=))(?:${word})(?![\p{L}\p{N}])`,
  ].join('|');

/** Replaces what stands alone: not the middle of a longer word. Angle brackets go with it. */
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
