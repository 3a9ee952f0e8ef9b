import { BlockList, isIP } from 'node:net';
import { ConnectionString } from 'mongodb-connection-string-url';
import { z } from 'zod';
import { secretSetting, setting, type Secret, type Setting } from './settings.ts';

/** The relevant parts of a URL: its hosts, and whether the connection to them has TLS. */
interface Way {
  readonly hosts: readonly string[];
  readonly tls: boolean;
}

/** `undefined` if the text is no URL of this kind. */
type Reader = (text: string) => Way | undefined;

const readers = {
  /** Connection string of MongoDB. TLS that checks no certificate counts as none. */
  mongodb: (text) => {
    try {
      const url = new ConnectionString(text);
      const options = url.typedSearchParams<Record<string, string>>();
      const is = (name: string) => options.get(name) === 'true';
      const named = options.get('tls') ?? options.get('ssl');
      const unchecked = ['tlsInsecure', 'tlsAllowInvalidCertificates', 'tlsAllowInvalidHostnames'];
      const tls = named === null ? url.isSRV : named === 'true';
      return { hosts: url.hosts, tls: tls && !unchecked.some(is) };
    } catch {
      return undefined;
    }
  },
  amqp: (text) => byScheme(text, 'amqps:', 'amqp:'),
  http: (text) => byScheme(text, 'https:', 'http:'),
} as const satisfies Record<string, Reader>;

function byScheme(text: string, secure: string, plain: string): Way | undefined {
  const url = URL.parse(text);
  if (url === null || ![secure, plain].includes(url.protocol) || url.host === '') return undefined;
  return { hosts: [url.host], tls: url.protocol === secure };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** `host`, `host:port` or `[IPv6]:port`. */
function isThisMachine(host: string): boolean {
  const v6 = /^\[(?<v6>.+)\](?::\d+)?$/.exec(host)?.groups?.['v6'];
  return isLoopback(v6 ?? host.replace(/:\d+$/, ''));
}

/** A name or an address. */
export function isLoopback(name: string): boolean {
  if (name === 'localhost') return true;
  const family = isIP(name);
  return family !== 0 && loopback.check(name, family === 6 ? 'ipv6' : 'ipv4');
}

const internalUrl = z.string().refine((text) => {
  const way = readers.http(text);
  return way !== undefined && (way.tls || way.hosts.every(isThisMachine));
}, 'must be a URL with https, or with http if its host is a loopback address');

/** Base URL of the internal API of another service. */
export const internalUrlSetting = (env: string): Setting<string> => setting(env, internalUrl);

/**
 * URL of a back end with user name and password. Without TLS it is refused at start, unless every host is
 * this machine or `BACK_ENDS_WITHOUT_TLS` is `true`.
 */
export function backEndSetting(env: string, kind: keyof typeof readers): Setting<Secret<string>> {
  const read: Reader = readers[kind];
  const schema = z.string().refine((text) => read(text) !== undefined, `must be a URL of ${kind}`);
  return {
    ...secretSetting(env, schema),
    isPlain(text) {
      const way = read(text);
      return way !== undefined && !way.tls && !way.hosts.every(isThisMachine);
    },
  };
}
