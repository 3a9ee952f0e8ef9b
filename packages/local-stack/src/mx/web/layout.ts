import { html, type Markup } from './html.ts';

const mark = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <rect x="2.75" y="5" width="18.5" height="14" rx="3"></rect>
  <path d="m4 7.5 6.6 5.2a2.3 2.3 0 0 0 2.8 0L20 7.5"></path>
</svg>`;

/** The frame of every page. `smtp` is where mail is taken. */
export function layout(title: string, smtp: string, main: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/style.css" />
        <script src="/assets/inbox.js" type="module"></script>
      </head>
      <body>
        <header class="bar">
          <a class="brand" href="/">${mark}<span>Local MX</span></a>
          <p class="listening" title="Mail for anybody is taken here and goes no further">
            <span class="dot" aria-hidden="true"></span>
            <span><span class="wide">Listening on </span><code>${smtp}</code></span>
          </p>
        </header>
        ${main}
      </body>
    </html>`;
}
