/** RFC 3461 4: an octet that is not printable ASCII, a space, "+" and "=" become "+" and two digits. */
export const xtext = (text: string): string =>
  text.replace(/[^!-~]|[+=]/g, (one) => `+${hexOf(one).padStart(2, '0')}`);

/**
 * RFC 6533 3, utf-8-addr-xtext, which any server can accept: a backslash, "+", "=" and the rest become
 * \x{HEX}.
 */
export const utf8Xtext = (text: string): string =>
  text.replace(/[^!-~]|[+=\\]/gu, (one) => `\\x{${hexOf(one).padStart(2, '0')}}`);

const hexOf = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
