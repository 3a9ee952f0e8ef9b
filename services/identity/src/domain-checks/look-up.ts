import { unlessMissing } from '@mysmtp/mail';
import { challengePrefix, type WantedRecord } from './records.ts';
import { spfAllows } from './spf.ts';
import { textsAt, type DnsLookups } from './texts.ts';

/**
 * `different`: there is a record of this kind, and it does not do what the wanted one does. `error`: DNS did
 * not answer.
 */
export type RecordState = 'ok' | 'missing' | 'different' | 'error';

/** The content of DNS, and how it compares with the wanted record. */
export interface Finding {
  readonly state: RecordState;
  readonly found: readonly string[];
}

/** Data of a stranger: no more than one can read. */
const mostFound = 8;
const longestFound = 1_000;
/** Domains above a domain that are asked for a DMARC record. */
const mostParents = 8;

/** Looks one record up. Never throws. */
export async function lookUp(dns: DnsLookups, wanted: WantedRecord): Promise<Finding> {
  try {
    const { state, found } = await lookups[wanted.kind](dns, wanted);
    const shown = found.slice(0, mostFound).map((text) => text.slice(0, longestFound));
    return { state, found: shown };
  } catch {
    return { state: 'error', found: [] };
  }
}

type Lookup = (dns: DnsLookups, wanted: WantedRecord) => Promise<Finding>;

/** A lookup of TXT records of which exactly one may be of this kind. */
const oneText =
  (isOfKind: (text: string) => boolean, isRight: (text: string, wanted: WantedRecord) => boolean) =>
  async (dns: DnsLookups, wanted: WantedRecord): Promise<Finding> => {
    const found = (await textsAt(dns, wanted.name)).filter(isOfKind);
    const [first, ...others] = found;
    if (first === undefined) return { state: 'missing', found };
    return { state: others.length === 0 && isRight(first, wanted) ? 'ok' : 'different', found };
  };

const lookups: Readonly<Record<WantedRecord['kind'], Lookup>> = {
  async ownership(dns, { name, value }) {
    const found = (await textsAt(dns, name)).filter((text) => text.startsWith(challengePrefix));
    // The name may have a challenge for another account too.
    const isThere = found.some((text) => text.trim() === value);
    return { state: isThere ? 'ok' : found.length === 0 ? 'missing' : 'different', found };
  },
  dkim: oneText(() => true, isOurKey),
  'dkim-ed25519': oneText(() => true, isOurKey),
  async spf(dns, { name, part = '' }) {
    const found = (await textsAt(dns, name)).filter((text) => /^v=spf1( |$)/i.test(text));
    const [record, ...others] = found;
    if (record === undefined) return { state: 'missing', found };
    // Two records are an error (RFC 7208 4.5).
    const isRight = others.length === 0 && (await spfAllows(dns, record, part));
    return { state: isRight ? 'ok' : 'different', found };
  },
  async dmarc(dns, wanted) {
    // Without a record of its own, a domain has the one of a domain above it (RFC 7489 6.6.3).
    const labels = wanted.name.split('.').slice(1);
    for (let at = 0; at < Math.min(labels.length - 1, mostParents); at += 1) {
      const name = `_dmarc.${labels.slice(at).join('.')}`;
      const finding = await dmarcAt(dns, { ...wanted, name });
      if (finding.state !== 'missing') return finding;
    }
    return { state: 'missing', found: [] };
  },
  async mx(dns, { name }) {
    const records = await unlessMissing(dns.resolveMx(name));
    const found = records.map(({ priority, exchange }) => `${String(priority)} ${exchange || '.'}`);
    // The null MX (RFC 7505).
    if (records.some(({ exchange }) => exchange === '' || exchange === '.')) {
      return { state: 'different', found };
    }
    if (records.length > 0) return { state: 'ok', found };
    // Without MX the domain itself is the host (RFC 5321 5.1). Its addresses are not shown: our name
    // servers may know names that are not on the internet.
    const hosts = [
      ...(await unlessMissing(dns.resolve4(name))),
      ...(await unlessMissing(dns.resolve6(name))),
    ];
    return { state: hosts.length > 0 ? 'ok' : 'missing', found };
  },
  async 'return-path'(dns, { name, value }) {
    const found = await unlessMissing(dns.resolveCname(name));
    if (found.length === 0) return { state: 'missing', found };
    return { state: found.some((host) => sameHost(host, value ?? '')) ? 'ok' : 'different', found };
  },
  'mta-sts': oneText(
    (text) => /^v=STSv1\b/.test(text),
    (text) => /;\s*id=\w{1,32}\s*(;|$)/.test(text),
  ),
  'tls-rpt': oneText(
    (text) => /^v=TLSRPTv1\b/.test(text),
    (text) => /;\s*rua=(mailto|https):/.test(text),
  ),
};

const dmarcAt = oneText(
  (text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text),
  (text) => /;\s*p\s*=\s*(none|quarantine|reject)\s*(;|$)/i.test(text),
);

/** A record by which a verifier accepts our signatures (RFC 6376 3.6.1, 6.1.2, RFC 8463 4). */
function isOurKey(text: string, { value }: WantedRecord): boolean {
  const [tags, ours] = [tagsOf(text), tagsOf(value ?? '')];
  const listed = (tag: string, word: string, all?: string) => {
    const words = tags.get(tag)?.split(':');
    return (
      words === undefined || words.includes(word) || (all !== undefined && words.includes(all))
    );
  };
  return (
    listed('v', 'DKIM1') &&
    (tags.get('k') ?? 'rsa') === ours.get('k') &&
    listed('h', 'sha256') &&
    listed('s', 'email', '*') &&
    tags.get('p') === ours.get('p')
  );
}

/** The tags of a list (RFC 6376 3.2), without white space in their values. */
function tagsOf(text: string): Map<string, string> {
  const pairs = text.split(';').map((tag) => tag.split('='));
  return new Map(
    pairs.map(([name = '', ...value]) => [name.trim(), value.join('=').replaceAll(/\s/g, '')]),
  );
}

const sameHost = (one: string, other: string): boolean =>
  one.toLowerCase().replace(/\.$/, '') === other.toLowerCase().replace(/\.$/, '');
