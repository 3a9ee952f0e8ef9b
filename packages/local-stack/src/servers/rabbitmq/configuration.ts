/** Settings of any node that we run, from any source (rabbitmq.conf). */
export const commonConfiguration = [
  // The write-ahead log bounds memory, because the bodies of waiting messages stay there. A smaller one is full
  // more often, and what waits is then copied into files.
  'raft.wal_max_size_bytes = 67108864',
  'disk_free_limit.absolute = 256MB',
  'log.console = true',
  'log.console.level = warning',
  'log.file = false',
];

/** A node on this machine, reachable only over loopback, with our administrator. */
export function nodeConfiguration(managementPort: number, password: string): string[] {
  return [
    ...commonConfiguration,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${String(managementPort)}`,
    'default_user = mysmtp',
    `default_pass = ${password}`,
    'loopback_users.mysmtp = true',
  ];
}

export const asFile = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
