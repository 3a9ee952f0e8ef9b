import type { DomainRecordKind } from '@mysmtp/api';
import type { DomainFacts } from '../domains/verification.ts';

/**
 * `required`: without it, mail from the domain is refused, or is not signed. `recommended`: without it,
 * receivers distrust the mail. `optional`: mail from the domain does not depend on it.
 */
export type Need = 'required' | 'recommended' | 'optional';

/** A record that a domain should have. */
export interface WantedRecord {
  readonly kind: DomainRecordKind;
  readonly name: string;
  readonly type: 'TXT' | 'CNAME' | 'MX';
  /** Ready to paste; `null` if the owner of the domain must decide it. */
  readonly value: string | null;
  /** The part of the value that must be in a record that has other parts too. */
  readonly part?: string;
  readonly need: Need;
  readonly purpose: string;
}

/** What of ours the records name. */
export interface OurNames {
  /** An SPF mechanism that matches our outgoing addresses. */
  readonly spf: string | undefined;
  readonly returnPathDomain: string | undefined;
}

/** Marks our challenge among other TXT records. */
export const challengePrefix = 'mysmtp-domain=';

export function wantedRecords(domain: DomainFacts, ours: OurNames): WantedRecord[] {
  const { name, status, signing, challenge, dkimKey, ed25519Key } = domain;
  const text = { type: 'TXT' } as const;
  return [
    {
      ...text,
      kind: 'ownership',
      name: `_mysmtp-challenge.${name}`,
      value: `${challengePrefix}${challenge}`,
      need: status === 'vouched' ? 'optional' : 'required',
      purpose:
        'Shows that the domain is yours. Keep it: a week after it is gone, mail from the domain is refused.',
    },
    ...(signing === 'ours' && dkimKey !== undefined
      ? [
          {
            ...text,
            kind: 'dkim' as const,
            name: `${dkimKey.selector}._domainkey.${name}`,
            value: `v=DKIM1; k=rsa; p=${dkimKey.publicKey}`,
            need: 'required' as const,
            purpose:
              'The public key of our signatures (RFC 6376). Without it, mail is sent unsigned.',
          },
        ]
      : []),
    ...(signing === 'ours' && ed25519Key !== undefined
      ? [
          {
            ...text,
            kind: 'dkim-ed25519' as const,
            name: `${ed25519Key.selector}._domainkey.${name}`,
            value: `v=DKIM1; k=ed25519; p=${ed25519Key.publicKey}`,
            need: 'optional' as const,
            purpose:
              'The public key of a second, shorter signature (RFC 8463). Without it, mail has the other one alone. Not all receivers know this kind, so keep both.',
          },
        ]
      : []),
    ...(ours.spf === undefined
      ? []
      : [
          {
            ...text,
            kind: 'spf' as const,
            name,
            value: `v=spf1 ${ours.spf} ~all`,
            part: ours.spf,
            need: 'recommended' as const,
            purpose:
              'Allows our servers to send for the domain (RFC 7208). Many receivers refuse mail without it.',
          },
        ]),
    {
      ...text,
      kind: 'dmarc',
      name: `_dmarc.${name}`,
      value: 'v=DMARC1; p=none',
      need: 'recommended',
      purpose:
        'Says what receivers do with mail that neither DKIM nor SPF confirms (RFC 7489). Large receivers require it of bulk senders.',
    },
    {
      kind: 'mx',
      type: 'MX',
      name,
      value: null,
      need: 'recommended',
      purpose:
        'Receives bounces and replies. Receivers refuse senders to whose domain no mail can be sent (RFC 7505 4.2).',
    },
    ...(ours.returnPathDomain === undefined
      ? []
      : [
          {
            kind: 'return-path' as const,
            type: 'CNAME' as const,
            name: `bounces.${name}`,
            value: ours.returnPathDomain,
            need: 'optional' as const,
            purpose:
              'For a return path of ours below your domain. We send with your own reverse-path today, so nothing depends on it yet.',
          },
        ]),
    {
      ...text,
      kind: 'mta-sts',
      name: `_mta-sts.${name}`,
      value: null,
      need: 'optional',
      purpose:
        'Protects mail to the domain, bounces included (RFC 8461). The operator of your MX publishes its policy.',
    },
    {
      ...text,
      kind: 'tls-rpt',
      name: `_smtp._tls.${name}`,
      value: `v=TLSRPTv1; rua=mailto:tls-reports@${name}`,
      need: 'optional',
      purpose:
        'Brings reports about TLS failures of mail to the domain (RFC 8460). The address is an example.',
    },
  ];
}
