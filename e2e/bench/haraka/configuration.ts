/**
 * The files of a separate Haraka for throughput on one machine: a process for each core, no TLS, no name
 * lookups, as much parallel delivery as the load has sessions, and the log at level `notice`. Its outbound
 * queue is on disk, with its default: every message is synced before its 250.
 */
export function configurationFiles(place: {
  readonly port: number;
  readonly sinkPort: number;
  readonly sessions: number;
  readonly processes: number;
}): Readonly<Record<string, string>> {
  const { port, sinkPort, sessions, processes } = place;
  return {
    'config/smtp.ini': ini({ listen: `127.0.0.1:${String(port)}`, nodes: processes }),
    'config/outbound.ini': ini({ concurrency_max: sessions, enable_tls: false }),
    'config/log.ini': ini({ level: 'notice' }),
    'config/me': 'haraka.example.org\n',
    'config/plugins': 'to_sink\n',
    'plugins/to_sink.js': toSink(sinkPort),
  };
}

const ini = (main: Readonly<Record<string, string | number | boolean>>): string =>
  `[main]\n${Object.entries(main)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('')}`;

/** Accepts everything for relaying, which queues it for outbound, and delivers it to the sink (smart host). */
const toSink = (sinkPort: number): string => `'use strict'

exports.hook_connect = (next, connection) => {
  connection.relaying = true
  next()
}

exports.hook_rcpt = (next) => next(OK)

exports.hook_get_mx = (next) =>
  next(OK, { priority: 0, exchange: '127.0.0.1', port: ${String(sinkPort)} })
`;
