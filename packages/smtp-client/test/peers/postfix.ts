import { owner, startPackage, others } from './debian.ts';
import type { Peer, PeerOptions } from './peer.ts';

export function startPostfix(options: PeerOptions): Promise<Peer> {
  const queue = 'var/spool/postfix';
  const queues = ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming'];
  return startPackage(
    {
      names: ['postfix'],
      users: ['postfix', 'postdrop'],
      files: {
        'etc/postfix/main.cf': main(options),
        'etc/postfix/master.cf': master(options.port),
      },
      folders: {
        'var/log': [0, 0, 0o755],
        'var/lib/postfix': [owner, owner, 0o755],
        [queue]: [0, 0, 0o755],
        [`${queue}/pid`]: [0, 0, 0o755],
        [`${queue}/public`]: [owner, others, 0o710],
        [`${queue}/maildrop`]: [owner, others, 0o730],
        ...Object.fromEntries(
          [...queues, 'private', 'saved', 'trace'].map((name) => [
            `${queue}/${name}`,
            [owner, 0, 0o700] as const,
          ]),
        ),
      },
      command: ['/usr/lib/postfix/sbin/master', '-d'],
    },
    options,
  );
}

const main = ({ limits }: PeerOptions): string => `
compatibility_level = 3.6
mail_owner = postfix
setgid_group = postdrop
maillog_file = /var/log/mail.log
myhostname = mx.example.org
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = /
virtual_mailbox_maps = static:mail/
virtual_uid_maps = static:${String(owner)}
virtual_gid_maps = static:${String(owner)}
smtpd_recipient_restrictions = check_recipient_access inline:{refused@example.org=reject}, permit
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtp_dns_support_level = disabled
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/certificate.pem
smtpd_tls_key_file = /etc/key.pem
message_size_limit = ${String(limits.size)}
smtpd_recipient_limit = ${String(limits.recipients)}
smtpd_timeout = ${String(limits.idle)}s
# It has no limit of messages, but one of errors: a refused recipient and DATA without one are two.
smtpd_hard_error_limit = ${String(2 * limits.messages)}
smtpd_soft_error_limit = ${String(2 * limits.messages)}
`;

/** The required daemons; none in a chroot of Postfix's own. */
const master = (port: number): string => `
127.0.0.1:${String(port)} inet n - n - - smtpd
cleanup unix       n - n -     0 cleanup
qmgr    unix       n - n 300   1 qmgr
rewrite unix       - - n -     - trivial-rewrite
virtual unix       - n n -     - virtual
bounce  unix       - - n -     0 bounce
defer   unix       - - n -     0 bounce
trace   unix       - - n -     0 bounce
error   unix       - - n -     - error
retry   unix       - - n -     - error
anvil   unix       - - n -     1 anvil
tlsmgr  unix       - - n 1000? 1 tlsmgr
postlog unix-dgram n - n -     1 postlogd
`;
