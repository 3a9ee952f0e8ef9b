import { createHash } from 'node:crypto';
import type { Problem } from './problem.ts';

/** A page for people. It needs no script and loads nothing. */
export interface Page {
  readonly language: string;
  readonly title: string;
  /** HTML of its content. Texts in it are escaped with `escapeHtml`. */
  readonly main: string;
  /** It has a form, which is sent to us. */
  readonly hasForm?: true;
}

const style = [
  ':root{color-scheme:light dark}',
  'body{font:1rem/1.6 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}',
  'table{border-collapse:collapse}',
  '.wide{overflow-x:auto}',
  'th,td{border:1px solid;padding:.4rem;text-align:left;vertical-align:top}',
  'small{display:block}',
  'label,legend{font-weight:600}',
  'label{display:block;margin-top:1rem}',
  'fieldset{border:1px solid;margin:1rem 0}',
  'fieldset label{font-weight:400;margin:.5rem 0}',
  'input[type=email],input[type=text]{box-sizing:border-box;width:100%;max-width:30rem}',
  'input,button{font:inherit;padding:.5rem}',
  'input[type=radio]{width:1.25rem;height:1.25rem;vertical-align:middle;margin:0 .5rem 0 0}',
  'button{margin:1rem 0;min-height:2.75rem}',
  ':focus-visible{outline:3px solid;outline-offset:3px}',
  // Nothing is wider than a narrow screen (WCAG 2.2 1.4.10). Tables scroll.
  'main{overflow-wrap:anywhere;hyphens:auto}',
  'th,td{overflow-wrap:normal}',
  'dt{font-weight:600}',
  'dd{margin:0 0 .75rem}',
].join('\n');

const hash = createHash('sha256').update(style).digest('base64');

/** The page may have its own style, and send a form to us if it has one; nothing else (CSP Level 3). */
export const pagePolicy = ({ hasForm }: Pick<Page, 'hasForm'>): string =>
  `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action ${hasForm === true ? "'self'" : "'none'"}; frame-ancestors 'none'`;

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

/** A problem, for people. `detail` never repeats input. */
export const problemPage = (problem: Problem): Page => ({
  language: 'en',
  title: 'This did not work · Das hat nicht geklappt',
  main: `<p>${escapeHtml(problem.title)}.</p>
<p>${escapeHtml(problem.message === problem.title ? '' : problem.message)}</p>
<p lang="de">Bitte gehen Sie zurück und versuchen Sie es noch einmal.</p>`,
});
