import type { RequestHandler } from 'express';
import { listMails, maildirVersion, type StoredMail } from '../maildir.ts';
import { read } from '../reading/read.ts';
import type { Summary } from '../reading/summary.ts';
import { inboxPage } from './inbox-page.ts';
import { layout } from './layout.ts';
import type { WebOptions } from './options.ts';

const pageSize = 50;
/** Summaries are cached: a mail never changes, and the page requests them every two seconds. */
const keptSummaries = 500;

/** `run` distinguishes this process from an earlier one, whose pages may still be in a browser. */
export function inboxRoute(options: WebOptions, run: string): RequestHandler {
  const summaries = new Map<string, Summary>();
  const hint = options.hint ?? defaultHint(options.smtp);

  return async (request, response) => {
    const now = new Date();
    // The day is part of it, because the list shows "Today".
    const version = `${await maildirVersion(options.maildir)}-${now.toDateString().replaceAll(' ', '')}-${run}`;
    response.set({ ETag: `"${version}"`, 'Cache-Control': 'no-cache' });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const { before } = request.query;
    const older = typeof before === 'string';
    const page = await listMails(options.maildir, pageSize, older ? before : undefined);
    await summarize(page.mails, summaries);
    const entries = page.mails.map((mail) => ({ mail, summary: summaries.get(mail.id) }));
    const main = inboxPage({ page, entries, older, hint, version, now });
    response.type('html').send(layout('Inbox · Local MX', options.smtp, main).text);
  };
}

/** Reads the missing summaries. Unreadable mails stay without one. */
async function summarize(mails: readonly StoredMail[], known: Map<string, Summary>): Promise<void> {
  const unknown = mails.filter(({ id }) => !known.has(id));
  if (unknown.length === 0) return;
  const found = await read(
    'summaries',
    unknown.map(({ file }) => file),
  ).catch(() => []);
  for (const [index, { id }] of unknown.entries()) {
    const summary = found[index];
    if (summary !== undefined) known.set(id, summary);
  }
  for (const id of known.keys()) {
    if (known.size <= keptSummaries) break;
    known.delete(id);
  }
}

function defaultHint(smtp: string): string {
  return `swaks --server ${smtp} --from hello@example.org --to someone@example.net`;
}
