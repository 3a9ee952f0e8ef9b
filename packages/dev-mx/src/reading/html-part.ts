import type { Attachment } from 'postal-mime';
import { contentOf, parse } from './parse.ts';

/** Size limit for inline images of a page, because one image can be referenced a million times. */
const inlineLimit = 32 * 1024 * 1024;

/**
 * The HTML part, self-contained. Inline images (`cid:`, RFC 2392) are embedded, so that nothing must be
 * loaded. Links request a window of their own, which the frame does not allow, so a click does not replace
 * the mail.
 */
export async function htmlOf(raw: Buffer): Promise<string | undefined> {
  const { html, attachments } = await parse(raw);
  const images = new Map<string, Attachment>();
  for (const attachment of attachments) {
    const { contentId, mimeType } = attachment;
    if (contentId === undefined || !/^image\/[\w.+-]+$/.test(mimeType)) continue;
    images.set(contentId.replaceAll(/^<|>$/g, ''), attachment);
  }
  let left = inlineLimit;
  return html
    ?.replace(/^\s*(?:<!doctype[^>]*>)?/i, '$&<base target="_blank">')
    .replaceAll(/(["'(=])cid:([^"')\s>]+)/gi, (reference, before: string, id: string) => {
      const image = images.get(decoded(id));
      if (image === undefined) return reference;
      const content = Buffer.from(contentOf(image)).toString('base64');
      left -= content.length;
      return left < 0 ? reference : `${before}data:${image.mimeType};base64,${content}`;
    });
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
