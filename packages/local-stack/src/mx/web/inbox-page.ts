import type { MailPage, StoredMail } from '../maildir.ts';
import type { Summary } from '../reading/summary.ts';
import { formatClock, formatCount, formatDay, formatFull, formatSize } from './format.ts';
import { html, type Markup } from './html.ts';

export interface Entry {
  readonly mail: StoredMail;
  /** Missing where the mail could not be read. */
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
  // The script puts a newer `main` in the place of this one when the version changes.
  return html`<main id="inbox" data-version="${inbox.version}">
    ${page.total === 0 ? emptyState(inbox.hint) : filled(inbox, entries)}
  </main>`;
}

function emptyState(hint: string): Markup {
  return html`<section class="empty">
    <svg viewBox="0 0 120 96" aria-hidden="true">
      <path
        class="tray"
        d="M14 52 30 18a8 8 0 0 1 7-5h46a8 8 0 0 1 7 5l16 34v22a9 9 0 0 1-9 9H23a9 9 0 0 1-9-9Z"
      ></path>
      <path class="slot" d="M14 52h25a5 5 0 0 1 5 4 16 16 0 0 0 32 0 5 5 0 0 1 5-4h25"></path>
    </svg>
    <h1>No mail yet</h1>
    <p>
      Whatever is sent to this server arrives here, whoever it is for, and goes no further. Send the
      first one:
    </p>
    <div class="command">
      <pre tabindex="0" aria-label="Command that sends a mail"><code id="hint">${hint}</code></pre>
      <button type="button" data-copy="hint" hidden>Copy</button>
    </div>
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
      <span class="avatar hue-${hue(from)}" aria-hidden="true">${initial(from)}</span>
      <span class="from"
        ><bdi class="name">${from}</bdi>${name !== '' && html` <bdi>${address}</bdi>`}</span
      >
      <time datetime="${mail.receivedAt.toISOString()}" title="${formatFull(mail.receivedAt)}"
        >${formatClock(mail.receivedAt)}</time
      >
      <span class="subject"><bdi>${summary?.subject || '(no subject)'}</bdi></span>
      <span class="to">to <bdi>${summary?.deliveredTo ?? 'unknown'}</bdi></span>
      <span class="size">${formatSize(mail.size)}</span>
    </a>
  </li>`;
}

function initial(from: string): string {
  return /[\p{L}\p{N}]/u.exec(from)?.[0].toUpperCase() ?? '?';
}

/** The same sender always has the same colour. */
function hue(from: string): number {
  let sum = 0;
  for (const character of from) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % 8;
}
