import type { MailPage, StoredMail } from '../maildir.ts';
import type { Summary } from '../reading/summary.ts';
import { formatClock, formatCount, formatDay, formatFull, formatSize } from './format.ts';
import { html, type Markup } from './html.ts';

export interface Entry {
  readonly mail: StoredMail;
  /** Missing if the mail could not be read. */
  readonly summary: Summary | undefined;
}

export interface Inbox {
  readonly page: MailPage;
  readonly entries: readonly Entry[];
  readonly older: boolean;
  readonly hint: string;
  readonly version: string;
  readonly now: Date;
}

export function inboxPage(inbox: Inbox): Markup {
  const { page, entries } = inbox;
  // The script replaces this `main` with a newer one if the version changes.
  return html`<main id="inbox" data-version="${inbox.version}">
    ${page.total === 0 ? emptyState(inbox.hint) : filled(inbox, entries)}
  </main>`;
}

function emptyState(hint: string): Markup {
  return html`<section class="empty">
    <h1>No mail yet</h1>
    <p>
      All mail to this server is stored here, for any recipient, and is not relayed. Send the first
      one:
    </p>
    <pre tabindex="0" aria-label="Command that sends a mail"><code id="hint">${hint}</code></pre>
    <button type="button" data-copy="hint" hidden>Copy</button>
    <p class="note">This page shows it as soon as it is there.</p>
  </section>`;
}

function filled({ page, older, now }: Inbox, entries: readonly Entry[]): Markup {
  const days = Map.groupBy(entries, ({ mail }) => formatDay(mail.receivedAt, now));
  const last = entries.at(-1);
  return html`<div class="heading">
      <h1>Inbox</h1>
      <p class="count">${formatCount(page.total)} ${page.total === 1 ? 'mail' : 'mails'}</p>
    </div>
    ${[...days].map(
      ([day, ofDay]) =>
        html`<section>
          <h2 class="day">${day}</h2>
          <ol class="mails">
            ${ofDay.map(row)}
          </ol>
        </section>`,
    )}
    <nav class="pages" aria-label="Pages">
      ${older && html`<a href="/">Newest</a>`}
      ${page.more && last !== undefined && html`<a href="/?before=${last.mail.id}">Older</a>`}
    </nav>`;
}

function row({ mail, summary }: Entry): Markup {
  const { name, address } = summary?.from ?? { name: 'Cannot be read', address: '' };
  const from = name || address || '(no sender)';
  return html`<li>
    <a class="mail" id="${mail.id}" href="/messages/${mail.id}">
      <span><bdi class="name">${from}</bdi>${name !== '' && html` <bdi>${address}</bdi>`}</span>
      <time datetime="${mail.receivedAt.toISOString()}" title="${formatFull(mail.receivedAt)}"
        >${formatClock(mail.receivedAt)}</time
      >
      <span class="subject"><bdi>${summary?.subject || '(no subject)'}</bdi></span>
      <span>${formatSize(mail.size)}</span>
      <span>to <bdi>${summary?.deliveredTo ?? 'unknown'}</bdi></span>
    </a>
  </li>`;
}
