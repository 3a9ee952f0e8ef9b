import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, RECURSION_DESIRED, type Answer, type Question } from 'dns-packet';

export interface Zone {
  /** Domain → MX hosts as `PREFERENCE HOST`. */
  readonly mx?: Readonly<Record<string, readonly string[]>>;
  /** Host → IPv4 addresses. */
  readonly a?: Readonly<Record<string, readonly string[]>>;
  readonly aaaa?: Readonly<Record<string, readonly string[]>>;
  /** Names for which the server fails temporarily. */
  readonly failing?: readonly string[];
  /** The same for one kind of record: `TYPE NAME`. */
  readonly failingFor?: readonly string[];
}

export interface DnsServer {
  /** `IP:PORT`. */
  readonly address: string;
  readonly asked: string[];
  close(): void;
}

/** A real name server for one zone of the test. */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (octets, from) => {
    const query = decode(octets);
    const [question] = query.questions ?? [];
    if (question === undefined) return;
    asked.push(`${question.type} ${question.name}`);
    const failing =
      zone.failing?.includes(question.name) === true ||
      zone.failingFor?.includes(`${question.type} ${question.name}`) === true;
    const answers = failing ? [] : answersTo(zone, question);
    const rcode = failing ? 2 : isKnown(zone, question.name) ? 0 : 3;
    const reply = encode({
      id: query.id ?? 0,
      type: 'response',
      flags: RECURSION_DESIRED | rcode,
      questions: [question],
      answers,
    });
    socket.send(reply, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${String(socket.address().port)}`,
    asked,
    close: () => socket.close(),
  };
}

function answersTo({ mx, a, aaaa }: Zone, { name, type }: Question): Answer[] {
  const common = { name, ttl: 1 } as const;
  if (type === 'MX') {
    return (mx?.[name] ?? []).map((text) => {
      const [preference = '0', exchange = '.'] = text.split(' ');
      return { ...common, type, data: { preference: Number(preference), exchange } };
    });
  }
  if (type === 'A') return (a?.[name] ?? []).map((data) => ({ ...common, type, data }));
  if (type === 'AAAA') return (aaaa?.[name] ?? []).map((data) => ({ ...common, type, data }));
  return [];
}

const isKnown = ({ mx, a, aaaa }: Zone, name: string): boolean =>
  [mx, a, aaaa].some((records) => records?.[name] !== undefined);
