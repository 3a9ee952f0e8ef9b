import type { Attachment } from 'postal-mime';
import { contentOf, parse } from './parse.ts';

/** What inline images may add to a page: one image can be named a million times. */
const inlineLimit = 32 * 1024 * 1024;

/**
 * The HTML part, made to stand alone: its inline images (`cid:`, RFC 2392) are put in, so that
 * nothing needs to be loaded, and links want a window of their own, which the frame does not allow:
 * a click leaves the mail in its place.
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
