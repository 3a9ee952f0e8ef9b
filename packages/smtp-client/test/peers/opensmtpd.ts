import { startPackage } from './debian.ts';
import type { Peer, PeerOptions } from './peer.ts';

/** The idle timeout is a constant of OpenSMTPD: 300 seconds. */
export function startOpenSmtpd(options: PeerOptions): Promise<Peer> {
  return startPackage(
    {
      // It delivers with a command in a shell.
      names: ['opensmtpd', 'dash'],
      users: ['opensmtpd', 'opensmtpq'],
      files: { 'etc/smtpd.conf': configuration(options) },
      folders: {
        'var/run': [0, 0, 0o755],
        'var/spool/smtpd': [0, 0, 0o711],
        'var/lib/opensmtpd/empty': [0, 0, 0o755],
      },
      command: ['/usr/sbin/smtpd', '-d'],
    },
    options,
  );
}

const configuration = ({ port, limits }: PeerOptions): string => `
pki peer cert "/etc/certificate.pem"
pki peer key "/etc/key.pem"
table refused { "refused@example.org" }
table users { "@example.org" = opensmtpd }
listen on 127.0.0.1 port ${String(port)} tls pki peer hostname mx.example.org
smtp max-message-size ${String(limits.size)}
smtp limit max-rcpt ${String(limits.recipients)}
smtp limit max-mails ${String(limits.messages)}
action store maildir "/mail" virtual <users>
match from any for rcpt-to <refused> reject
match from any for domain "example.org" action store
`;
