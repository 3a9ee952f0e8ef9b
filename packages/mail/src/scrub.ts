import { splitAddress } from './address.ts';

const longest = 500;
const anyAddress = /<?("[^"]*"|[^\s<>"']+)@[^\s<>"',;]+>?/gu;

/**
 * A remote reply without the people in it: it often repeats the address, or half of it. What is left
 * is fit for a log that its tenant reads: no address, no domain given, no control character, short.
 */
export function scrubReply(
  text: string,
  addresses: readonly string[],
  domains: readonly string[] = [],
): string {
  // Longer than needed but bounded: a peer may send what it likes.
  let scrubbed = text.slice(0, longest * 4).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  scrubbed = replaceAll(scrubbed, addresses, '<address>');
  if (scrubbed.includes('@')) scrubbed = scrubbed.replaceAll(anyAddress, '<address>');
  const parts = addresses.map(splitAddress);
  scrubbed = replaceAll(scrubbed, [...domains, ...parts.map((part) => part.domain)], '<domain>');
  const localParts = parts.map((part) => part.localPart).filter((part) => /\p{L}/u.test(part));
  scrubbed = replaceAll(scrubbed, localParts, '<address>');
  return scrubbed.replaceAll(/ {2,}/g, ' ').trim().slice(0, longest);
}

/** Replaces what stands alone: not the middle of a longer word. Angle brackets go with it. */
function replaceAll(text: string, words: readonly string[], by: string): string {
  // Most replies repeat nothing: looking is far cheaper than the pattern below.
  const lower = text.toLowerCase();
  const alternatives = [...new Set(words)].filter(
    (word) => word !== '' && lower.includes(word.toLowerCase()),
  );
  if (alternatives.length === 0) return text;
  alternatives.sort((a, b) => b.length - a.length);
  const pattern = alternatives.map(literally).join('|');
  const alone = new RegExp(String.raw`<?(?<![\p{L}\p{N}])(?:${pattern})(?![\p{L}\p{N}])>?`, 'giu');
  return text.replaceAll(alone, by);
}

const literally = (word: string) => word.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
