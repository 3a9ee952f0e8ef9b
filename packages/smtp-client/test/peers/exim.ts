import { owner, startPackage } from './debian.ts';
import type { Peer, PeerOptions } from './peer.ts';

export function startExim(options: PeerOptions): Promise<Peer> {
  return startPackage(
    {
      names: ['exim4-daemon-light'],
      users: ['Debian-exim', 'nobody-else'],
      files: { 'etc/exim4/exim4.conf': configuration(options) },
      folders: {
        'var/spool/exim4': [owner, owner, 0o750],
        'var/log/exim4': [owner, owner, 0o750],
      },
      command: ['/usr/sbin/exim4', '-bdf'],
    },
    options,
  );
}

const configuration = ({ port, limits }: PeerOptions): string => `
primary_hostname = mx.example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${String(port)}
host_lookup =
keep_environment =
tls_advertise_hosts = *
tls_certificate = /etc/certificate.pem
tls_privatekey = /etc/key.pem
smtputf8_advertise_hosts = *
message_size_limit = ${String(limits.size)}
recipients_max = ${String(limits.recipients)}
smtp_accept_max_per_connection = ${String(limits.messages)}
smtp_receive_timeout = ${String(limits.idle)}s
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
# Otherwise all that is beyond ten messages of a connection waits for a queue runner.
smtp_accept_queue_per_connection = 0

begin acl
rcpt:
  deny local_parts = refused
  accept

begin routers
all:
  driver = accept
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = /mail
  user = Debian-exim
`;
