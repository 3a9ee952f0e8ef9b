import { html, type Markup } from './html.ts';

/** The frame of every page. `smtp` is the address of the SMTP listener. */
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
          <a class="brand" href="/">Local MX</a>
          <p class="listening" title="Mail for any recipient is accepted here and is not relayed">
            Listening on <code>${smtp}</code>
          </p>
        </header>
        ${main}
      </body>
    </html>`;
}
