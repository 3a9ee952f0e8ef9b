import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startChromium } from './chromium.ts';

/**
 * A page in a real Chromium. Its virtual authenticator verifies its user, as a laptop with a fingerprint
 * reader does. Options and answers have the JSON forms of WebAuthn Level 3. Both functions reject if the
 * browser refuses.
 */
export interface Browser extends AsyncDisposable {
  /** Shows an empty page at another origin. */
  visit(origin: string): Promise<void>;
  createPasskey(options: object): Promise<unknown>;
  usePasskey(options: object): Promise<unknown>;
}

/** `hosts`: hosts with their ports, at which the browser finds the page. */
export async function startBrowser(hosts: readonly string[]): Promise<Browser> {
  await using opened = new AsyncDisposableStack();
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Empty</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1:${String(port)}`).join(',');
  const browser = opened.adopt(await startChromium([`--host-resolver-rules=${rules}`]), (started) =>
    started.close(),
  );
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const ask = (what: 'create' | 'get', parse: string, options: object): Promise<unknown> =>
    page.evaluate(
      `navigator.credentials.${what}({
        publicKey: PublicKeyCredential.${parse}(${JSON.stringify(options)}),
      }).then((credential) => credential.toJSON())`,
    );
  const resources = opened.move();
  return {
    async visit(origin) {
      await page.goto(origin);
    },
    createPasskey: (options) => ask('create', 'parseCreationOptionsFromJSON', options),
    usePasskey: (options) => ask('get', 'parseRequestOptionsFromJSON', options),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
