import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Our own pages: only our style, our script and frames; nothing else is loaded. */
export const pageSecurity: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      scriptSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      frameSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Plain HTTP on the loopback interface.
  strictTransportSecurity: false,
});

/**
 * A mail's HTML: also without the frame around it (opened directly) it has no origin, runs no script and
 * loads no remote content.
 */
export const mailHtmlPolicy = [
  "default-src 'none'",
  'img-src data:',
  'font-src data:',
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox',
].join('; ');

/**
 * Against DNS rebinding: a foreign page can point a name of its own at this address, but the browser then
 * sends that name as Host.
 */
export const knownHostOnly: RequestHandler = (request, response, next) => {
  const name = (request.hostname ?? '').replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0) next();
  else response.status(421).type('text/plain').send('Use the address or localhost.\n');
};
