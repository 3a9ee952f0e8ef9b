/**
 * A separate Postfix, tuned for throughput on one machine: as much parallel delivery as the load has
 * sessions, no chroot, no TLS, no name lookups, no limits for a single client, no throttling of intake,
 * connections to the sink kept open. Every message is still synced to disk before its 250.
 */
export function mainCf(place: { dir: string; sinkPort: number; sessions: number }): string {
  const { dir, sinkPort, sessions } = place;
  const settings: Record<string, string | number> = {
    compatibility_level: '3.6',
    queue_directory: `${dir}/queue`,
    data_directory: `${dir}/data`,
    command_directory: '/usr/sbin',
    daemon_directory: '/usr/lib/postfix/sbin',
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    // Its log goes to a separate file, never to the machine's log.
    maillog_file: `${dir}/mail.log`,
    maillog_file_prefixes: dir,
    myhostname: 'postfix.example.org',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mynetworks: '127.0.0.0/8',
    mydestination: '',
    local_recipient_maps: '',
    alias_maps: '',
    alias_database: '',
    relayhost: `[127.0.0.1]:${String(sinkPort)}`,
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_peername_lookup: 'no',
    smtpd_client_connection_count_limit: 0,
    smtpd_client_event_limit_exceptions: '127.0.0.0/8',
    smtpd_tls_security_level: 'none',
    smtp_tls_security_level: 'none',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    default_process_limit: 4 * sessions,
    max_use: 100_000,
    max_idle: '600s',
    initial_destination_concurrency: sessions,
    default_destination_concurrency_limit: sessions,
    smtp_destination_concurrency_limit: sessions,
    smtp_connection_cache_on_demand: 'yes',
    smtp_connection_cache_destinations: `[127.0.0.1]:${String(sinkPort)}`,
    smtp_connection_reuse_count_limit: 0,
    smtp_connection_reuse_time_limit: '600s',
    connection_cache_ttl_limit: '60s',
    qmgr_message_active_limit: 100_000,
    qmgr_message_recipient_limit: 100_000,
    in_flow_delay: 0,
    message_size_limit: 50_000_000,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${String(value)}\n`)
    .join('');
}

/** The required daemons; none in a chroot. */
export function masterCf(port: number): string {
  return [
    `127.0.0.1:${String(port)} inet n - n - - smtpd`,
    'cleanup  unix       n - n -   0 cleanup',
    'qmgr     unix       n - n 300 1 qmgr',
    'rewrite  unix       - - n -   - trivial-rewrite',
    'smtp     unix       - - n -   - smtp',
    'bounce   unix       - - n -   0 bounce',
    'defer    unix       - - n -   0 bounce',
    'trace    unix       - - n -   0 bounce',
    'error    unix       - - n -   - error',
    'retry    unix       - - n -   - error',
    'anvil    unix       - - n -   1 anvil',
    'scache   unix       - - n -   1 scache',
    'postlog  unix-dgram n - n -   1 postlogd',
    '',
  ].join('\n');
}
