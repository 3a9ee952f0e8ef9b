import { Resolver } from 'node:dns/promises';
import { startDnsServer, type Zone } from '@mysmtp/test-kit';
import { afterEach, expect, test } from 'vitest';
import { lookUp, type RecordState } from '../src/domain-checks/look-up.ts';
import { wantedRecords } from '../src/domain-checks/records.ts';
import type { DomainFacts } from '../src/domains/verification.ts';

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

const publicKey = 'A'.repeat(392);
/** 32 octets. */
const shortKey = `${'B'.repeat(43)}=`;
const domain: DomainFacts = {
  id: 'd',
  tenant: 't',
  name: 'shop.example.org',
  signing: 'ours',
  status: 'unverified',
  challenge: 'right',
  dkimKey: { selector: 's1', publicKey },
  ed25519Key: { selector: 's2', publicKey: shortKey },
  createdAt: 0,
};
const ours = { spf: 'include:_spf.relay.example', returnPathDomain: 'bounces.relay.example' };

async function statesIn(zone: Zone): Promise<Record<string, RecordState>> {
  const server = await startDnsServer(zone);
  cleanup.defer(server.close);
  const dns = new Resolver({ timeout: 1_000, tries: 2 });
  dns.setServers([server.address]);
  const states = wantedRecords(domain, ours).map(
    async (record) => [record.kind, (await lookUp(dns, record)).state] as const,
  );
  return Object.fromEntries(await Promise.all(states));
}

const txt = (name: string, ...texts: string[]): Zone => ({ txt: { [name]: texts } });

test('the records as they are shown are right', async () => {
  const texts: Record<string, string[]> = {};
  for (const { type, name, value } of wantedRecords(domain, ours)) {
    if (type === 'TXT' && value !== null) texts[name] = [...(texts[name] ?? []), value];
  }
  texts['_mta-sts.shop.example.org'] = ['v=STSv1; id=20260131T120000;'];
  const zone = {
    txt: texts,
    mx: { 'shop.example.org': ['10 mx.example.org'] },
    cname: { 'bounces.shop.example.org': 'Bounces.relay.example' },
  };
  expect(await statesIn(zone)).toEqual({
    ownership: 'ok',
    dkim: 'ok',
    'dkim-ed25519': 'ok',
    spf: 'ok',
    dmarc: 'ok',
    mx: 'ok',
    'return-path': 'ok',
    'mta-sts': 'ok',
    'tls-rpt': 'ok',
  });
});

test('without any record everything is missing; if DNS fails, nothing is known', async () => {
  const kinds = wantedRecords(domain, ours).map(({ kind }) => kind);
  const all = (state: RecordState) => Object.fromEntries(kinds.map((kind) => [kind, state]));
  expect(await statesIn({})).toEqual(all('missing'));
  const names = wantedRecords(domain, ours).map(({ name }) => name);
  expect(await statesIn({ failing: names })).toEqual(all('error'));
});

const dkim = 's1._domainkey.shop.example.org';
const p = `p=${publicKey}`;
const ed25519 = 's2._domainkey.shop.example.org';
test.each<[string, keyof Awaited<ReturnType<typeof statesIn>>, RecordState, Zone]>([
  [
    'of another account',
    'ownership',
    'different',
    txt('_mysmtp-challenge.shop.example.org', 'mysmtp-domain=wrong'),
  ],
  [
    'of two accounts',
    'ownership',
    'ok',
    txt('_mysmtp-challenge.shop.example.org', 'mysmtp-domain=wrong', 'mysmtp-domain=right'),
  ],
  [
    'by an alias',
    'ownership',
    'ok',
    {
      cname: { '_mysmtp-challenge.shop.example.org': 'x.example' },
      ...txt('x.example', 'mysmtp-domain=right'),
    },
  ],
  ['at the domain itself', 'ownership', 'missing', txt('shop.example.org', 'mysmtp-domain=right')],

  ['with the key alone', 'dkim', 'ok', txt(dkim, p)],
  [
    'in another order, with spaces',
    'dkim',
    'ok',
    txt(dkim, `p = ${publicKey.slice(0, 9)} ${publicKey.slice(9)} ; s=email; h=sha1:sha256`),
  ],
  ['revoked', 'dkim', 'different', txt(dkim, 'v=DKIM1; p=')],
  ['another key', 'dkim', 'different', txt(dkim, `v=DKIM1; k=rsa; p=${publicKey.slice(1)}`)],
  ['not for sha256', 'dkim', 'different', txt(dkim, `v=DKIM1; h=sha1; ${p}`)],
  ['not for mail', 'dkim', 'different', txt(dkim, `v=DKIM1; s=tlsrpt; ${p}`)],
  ['of Ed25519', 'dkim', 'different', txt(dkim, `v=DKIM1; k=ed25519; ${p}`)],
  ['twice', 'dkim', 'different', txt(dkim, p, 'v=DKIM1; p=')],
  ['of its key', 'dkim-ed25519', 'ok', txt(ed25519, `k=ed25519; p=${shortKey}`)],
  ['of the RSA key', 'dkim-ed25519', 'different', txt(ed25519, `v=DKIM1; k=rsa; ${p}`)],
  [
    // Without `k` it is of an RSA key (RFC 6376 3.6.1).
    'without its kind',
    'dkim-ed25519',
    'different',
    txt(ed25519, `v=DKIM1; p=${shortKey}`),
  ],
  [
    'of another key',
    'dkim-ed25519',
    'different',
    txt(ed25519, `v=DKIM1; k=ed25519; p=${shortKey.toLowerCase()}`),
  ],

  ['without us', 'spf', 'different', txt('shop.example.org', 'v=spf1 mx -all')],
  [
    'twice',
    'spf',
    'different',
    txt('shop.example.org', 'v=spf1 include:_spf.relay.example -all', 'v=spf1 -all'),
  ],
  [
    'of another kind',
    'spf',
    'missing',
    txt('shop.example.org', 'v=spf10 include:_spf.relay.example'),
  ],
  [
    'that refuses us',
    'spf',
    'different',
    txt('shop.example.org', 'v=spf1 -include:_spf.relay.example ~all'),
  ],
  [
    'in an included record',
    'spf',
    'ok',
    {
      txt: {
        'shop.example.org': ['v=spf1 include:a.example -all'],
        'a.example': ['v=spf1 +Include:_spf.relay.example'],
      },
    },
  ],
  [
    'by a redirect',
    'spf',
    'ok',
    {
      txt: {
        'shop.example.org': ['v=spf1 redirect=a.example'],
        'a.example': ['v=spf1 include:_spf.relay.example -all'],
      },
    },
  ],
  [
    'that includes itself',
    'spf',
    'different',
    txt('shop.example.org', 'v=spf1 include:shop.example.org include:shop.example.org -all'),
  ],

  ['of the domain above', 'dmarc', 'ok', txt('_dmarc.example.org', 'v=DMARC1; p=reject')],
  [
    'its own before the one above',
    'dmarc',
    'different',
    {
      txt: {
        '_dmarc.shop.example.org': ['v=DMARC1; rua=x'],
        '_dmarc.example.org': ['v=DMARC1; p=none'],
      },
    },
  ],
  ['of the top level', 'dmarc', 'missing', txt('_dmarc.org', 'v=DMARC1; p=none')],

  ['no mail at all (null MX)', 'mx', 'different', { mx: { 'shop.example.org': ['0 .'] } }],
  ['an address instead', 'mx', 'ok', { aaaa: { 'shop.example.org': ['2001:db8::1'] } }],

  [
    'to somebody else',
    'return-path',
    'different',
    { cname: { 'bounces.shop.example.org': 'bounces.example.net' } },
  ],
  ['without an id', 'mta-sts', 'different', txt('_mta-sts.shop.example.org', 'v=STSv1;')],
  ['without an address', 'tls-rpt', 'different', txt('_smtp._tls.shop.example.org', 'v=TLSRPTv1')],
])('a record %s: %s is %s', async (_name, kind, state, zone) => {
  expect((await statesIn(zone))[kind]).toBe(state);
});

test('what DNS has is shown up to a limit', async () => {
  const server = await startDnsServer(
    txt(
      '_mysmtp-challenge.shop.example.org',
      ...Array.from({ length: 20 }, (_, n) => `mysmtp-domain=${String(n)}${'x'.repeat(20)}`),
    ),
  );
  cleanup.defer(server.close);
  const dns = new Resolver();
  dns.setServers([server.address]);
  const [ownership] = wantedRecords(domain, ours);
  const { state, found } = await lookUp(dns, ownership!);
  expect(state).toBe('different');
  expect(found).toHaveLength(8);
});

test('the customer signs: no DKIM record; without our names: no SPF and no return path', () => {
  const records = wantedRecords(
    { ...domain, signing: 'customer', status: 'vouched' },
    { spf: undefined, returnPathDomain: undefined },
  );
  expect(records.map(({ kind }) => kind)).toEqual([
    'ownership',
    'dmarc',
    'mx',
    'mta-sts',
    'tls-rpt',
  ]);
  expect(records[0]).toMatchObject({ need: 'optional' });
});
