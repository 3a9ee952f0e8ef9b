import { createHash } from 'node:crypto';

/** A page for people. It needs no script and loads nothing. */
export interface Page {
  readonly language: string;
  readonly title: string;
  /** HTML of its content. Texts in it are escaped with `escapeHtml`. */
  readonly main: string;
}

const style = [
  ':root{color-scheme:light dark}',
  'body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}',
  'table{border-collapse:collapse}',
  '.wide{overflow-x:auto}',
  'th,td{border:1px solid;padding:.4rem;text-align:left;vertical-align:top}',
  'small{display:block}',
].join('\n');

const hash = createHash('sha256').update(style).digest('base64');

/** The page may have its own style, and nothing else (CSP Level 3). */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (one) => `&#${String(one.charCodeAt(0))};`);

export const htmlOf = ({ language, title, main }: Page): string => `<!doctype html>
<html lang="${escapeHtml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</body>
</html>
`;
