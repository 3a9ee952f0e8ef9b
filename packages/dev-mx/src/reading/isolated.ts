/**
 * Text without controls that change the display of adjacent text: a file name with a right-to-left override
 * can look like one of another type (Unicode TR 36).
 */
export function isolated(text: string): string {
  return text.replaceAll(/[\u202A-\u202E\u2066-\u2069\u200E\u200F]|(?![\t\n\r])\p{Cc}/gu, '');
}
