import { open } from 'node:fs/promises';
import { Router, type Request, type Response } from 'express';
import type { StoredMail } from '../maildir.ts';
import { read } from '../reading/read.ts';
import { layout } from './layout.ts';
import { chooseTab, messagePage, type Source } from './message-page.ts';
import type { WebOptions } from './options.ts';
import { mailHtmlPolicy } from './security.ts';

/** The part of the source that a page shows. */
const sourceShown = 512 * 1024;

type Find = (id: string) => Promise<StoredMail | undefined>;
type Handler = (mail: StoredMail, request: Request, response: Response) => Promise<void>;

export function messageRoutes(options: WebOptions, find: Find): Router {
  const router = Router({ mergeParams: true });
  /** No part of a mail is stored in the browser's cache. */
  const get = (path: string, handler: Handler) =>
    router.get(path, async (request: Request<{ id?: string }>, response, next) => {
      const mail = await find(request.params.id ?? '');
      response.set('Cache-Control', 'no-store');
      if (mail === undefined) next('router');
      else await handler(mail, request, response);
    });

  get('/', async (mail, request, response) => {
    const view = await read('view', mail.file).catch(() => undefined);
    const tab = chooseTab(request.query['view'], view);
    const source = tab === 'source' ? await beginning(mail) : undefined;
    const title = `${view?.subject || '(no subject)'} · Local MX`;
    response
      .type('html')
      .send(layout(title, options.smtp, messagePage(mail, view, tab, source)).text);
  });

  get('/html', async (mail, _request, response) => {
    const content = await read('html', mail.file).catch(() => undefined);
    response.set('Content-Security-Policy', mailHtmlPolicy);
    response.set('X-Frame-Options', 'SAMEORIGIN');
    response.type('html').send(content ?? '');
  });

  get('/source', async (mail, _request, response) => {
    response.attachment(`${mail.id.split('.')[0] ?? 'mail'}.eml`).type('message/rfc822');
    await new Promise<void>((resolve, reject) => {
      response.sendFile(
        mail.file,
        { dotfiles: 'allow', cacheControl: false, etag: false },
        (error) => {
          // A client that disconnects needs no error.
          if (error === undefined || response.headersSent) resolve();
          else reject(error);
        },
      );
    });
  });

  get('/attachments/:index', async (mail, request, response) => {
    const index = Number(request.params['index']);
    const found = await read('attachment', { file: mail.file, index }).catch(() => undefined);
    if (found === undefined) {
      response.status(404).type('text/plain').send('No such attachment.\n');
      return;
    }
    // Saved whatever its type is, never shown.
    response
      .attachment(found.name)
      .type('application/octet-stream')
      .send(Buffer.from(found.content));
  });

  return router;
}

async function beginning(mail: StoredMail): Promise<Source> {
  await using file = await open(mail.file);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sourceShown), 0, sourceShown, 0);
  return {
    text: buffer.subarray(0, bytesRead).toString('utf8'),
    isComplete: bytesRead === mail.size,
  };
}
