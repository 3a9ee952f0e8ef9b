import { Resolver } from 'node:dns/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lookUp } from '../src/routing/lookup.ts';
import { siteOf } from '../src/routing/site.ts';
import { startDnsServer } from '@mysmtp/test-kit';

let cleanup: AsyncDisposableStack;
beforeEach(() => {
  cleanup = new AsyncDisposableStack();
});
afterEach(() => cleanup.disposeAsync());

test.each(['localhost', 'com', 'mail', 'mx.localhost'])(
  '%s is not a domain of the internet, for any answer of DNS (RFC 5321 2.3.5, RFC 6761)',
  async (domain) => {
    const server = await startDnsServer({ a: { [domain]: ['192.0.2.1'] } });
    cleanup.defer(server.close);
    const dns = new Resolver();
    dns.setServers([server.address]);
    expect(await lookUp(dns, domain, 25)).toMatchObject({
      failure: { kind: 'permanent', enhancedCode: '5.1.2' },
    });
    expect(server.asked).toEqual([]);
  },
);

test('an address literal cannot name a local interface', async () => {
  expect(await lookUp(new Resolver(), '[IPv6:fe80::1%eth0]', 25)).toMatchObject({
    failure: { kind: 'permanent', enhancedCode: '5.1.2' },
  });
});

test('a site has each host once, with its most preferred record', () => {
  const hosts = ['20 b', '10 a', '30 a', '10 b', '20 c'].map((text) => ({
    exchange: `${text.slice(3)}.test`,
    priority: Number(text.slice(0, 2)),
  }));
  const site = siteOf(hosts, 25);
  expect(site.key).toBe('10 a.test,10 b.test,20 c.test:25');
  expect(site.hosts.map(({ exchange }) => exchange)).toEqual(['a.test', 'b.test', 'c.test']);
  expect(siteOf(hosts.toReversed(), 25)).toEqual(site);
});

test('of a thousand hosts a site has the ten most preferred', () => {
  const hosts = Array.from({ length: 1_000 }, (_, n) => ({
    exchange: `h${String(n)}.test`,
    priority: 1_000 - n,
  }));
  const site = siteOf(hosts, 25);
  expect(site.hosts.map(({ priority }) => priority)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(site.key.length).toBeLessThan(200);
});
