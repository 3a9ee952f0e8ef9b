import type { StoredMail } from '../maildir.ts';
import type { MailView } from '../reading/parse.ts';
import { formatDateField, formatFull, formatSize } from './format.ts';
import { html, type Markup } from './html.ts';

export const tabs = ['html', 'text', 'headers', 'source'] as const;
export type Tab = (typeof tabs)[number];

export interface Source {
  readonly text: string;
  readonly isComplete: boolean;
}

export function messagePage(
  mail: StoredMail,
  view: MailView | undefined,
  tab: Tab,
  source: Source | undefined,
): Markup {
  return html`<main class="message">
    <nav class="tools">
      <a href="/">← Inbox</a>
      <a class="button" href="/messages/${mail.id}/source" download>Download source</a>
    </nav>
    <h1><bdi>${view?.subject || '(no subject)'}</bdi></h1>
    ${view === undefined ? undefined : envelope(mail, view)}
    ${view === undefined ? undefined : attachments(mail, view)} ${tabBar(mail, view, tab)}
    ${content(mail, view, tab, source)}
  </main>`;
}

function envelope(mail: StoredMail, view: MailView): Markup {
  const rows: readonly (readonly [string, string])[] = [
    ['From', view.from],
    ['To', view.to],
    ['Cc', view.cc],
    ['Date', view.date === '' ? '' : formatDateField(view.date)],
    ['Delivered to', view.deliveredTo],
    ['Return path', view.returnPath],
    ['Received', `${formatFull(mail.receivedAt)}, ${formatSize(mail.size)}`],
  ];
  return html`<dl class="envelope">
    ${rows
      .filter(([, value]) => value !== '')
      .map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd><bdi>${value}</bdi></dd>
          </div>`,
      )}
  </dl>`;
}

function attachments(mail: StoredMail, { attachments }: MailView): Markup | undefined {
  if (attachments.length === 0) return undefined;
  return html`<section class="attachments">
    <h2>
      ${attachments.length === 1 ? '1 attachment' : `${String(attachments.length)} attachments`}
    </h2>
    <ul>
      ${attachments.map(
        ({ name, type, size }, index) =>
          html`<li>
            <a href="/messages/${mail.id}/attachments/${index}" download>
              <bdi class="name">${name}</bdi>
              <span>${type}, ${formatSize(size)}</span>
            </a>
          </li>`,
      )}
    </ul>
  </section>`;
}

const labels: Readonly<Record<Tab, string>> = {
  html: 'HTML',
  text: 'Text',
  headers: 'Headers',
  source: 'Source',
};

function tabBar(mail: StoredMail, view: MailView | undefined, current: Tab): Markup {
  return html`<nav class="tabs" aria-label="Views">
    ${tabs
      .filter((tab) => isThere(tab, view))
      .map(
        (tab) =>
          html`<a
            href="/messages/${mail.id}?view=${tab}"
            ${tab === current && html`aria-current="page"`}
            >${labels[tab]}</a
          >`,
      )}
  </nav>`;
}

function isThere(tab: Tab, view: MailView | undefined): boolean {
  if (tab === 'source') return true;
  if (view === undefined) return false;
  return tab === 'html' ? view.hasHtml : true;
}

/** The requested tab if the mail has it, else the first available one. */
export function chooseTab(wish: unknown, view: MailView | undefined): Tab {
  const there = tabs.filter((tab) => isThere(tab, view));
  return there.find((tab) => tab === wish) ?? there[0] ?? 'source';
}

function content(
  mail: StoredMail,
  view: MailView | undefined,
  tab: Tab,
  source: Source | undefined,
): Markup {
  if (view === undefined || tab === 'source') {
    return html`${view === undefined && html`<p class="note">This mail cannot be taken apart for display. Its source is complete.</p>`}
      <pre class="paper" tabindex="0">${source?.text}</pre>
      ${source?.isComplete === false && html`<p class="note">Only the beginning is shown; the download has all of it.</p>`}`;
  }
  if (tab === 'html') {
    // No scripts, no forms, no origin of its own, and by its own CSP nothing is loaded.
    return html`<iframe
        class="paper"
        sandbox=""
        referrerpolicy="no-referrer"
        title="HTML part"
        src="/messages/${mail.id}/html"
      ></iframe>
      <p class="note">Scripts, forms, links and everything remote are off.</p>`;
  }
  if (tab === 'text') {
    return view.text === undefined || view.text.trim() === ''
      ? html`<p class="note">This mail has no text.</p>`
      : html`<pre class="paper" tabindex="0">${view.text}</pre>`;
  }
  return html`<dl class="headers paper">
    ${view.headers.map(
      ({ name, value }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
