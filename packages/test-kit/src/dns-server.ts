import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, RECURSION_DESIRED, type Answer, type Question } from 'dns-packet';

export interface Zone {
  /** Domain → MX hosts as `PREFERENCE HOST`. */
  readonly mx?: Readonly<Record<string, readonly string[]>>;
  /** Host → IPv4 addresses. */
  readonly a?: Readonly<Record<string, readonly string[]>>;
  readonly aaaa?: Readonly<Record<string, readonly string[]>>;
  /** A text of more than 255 octets is sent in parts, as a name server does. */
  readonly txt?: Readonly<Record<string, readonly string[]>>;
  /** Name → the one name that it is an alias of. */
  readonly cname?: Readonly<Record<string, string>>;
  /** Names for which the server fails temporarily. */
  readonly failing?: readonly string[];
  /** The same for one kind of record: `TYPE NAME`. */
  readonly failingFor?: readonly string[];
}

export interface DnsServer {
  /** `IP:PORT`. */
  readonly address: string;
  /** The questions, as `TYPE NAME`. */
  readonly asked: string[];
  close(): void;
}

/** A real name server for one zone of the test, which the test may change while it runs. */
export async function startDnsServer(zone: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const seen = new Set<string>();
  socket.on('message', (octets, from) => {
    const query = decode(octets);
    const [question] = query.questions ?? [];
    if (question === undefined) return;
    // On a busy machine a resolver may send a query again before it reads the answer.
    const asks = `${question.type} ${question.name}`;
    const sent = `${String(from.port)} ${String(query.id)} ${asks}`;
    if (!seen.has(sent)) asked.push(asks);
    seen.add(sent);
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

function answersTo(zone: Zone, { name, type }: Question): Answer[] {
  const { mx, a, aaaa, txt, cname } = zone;
  const common = { name, ttl: 1 } as const;
  const alias = cname?.[name];
  if (alias !== undefined) {
    const answer: Answer = { ...common, type: 'CNAME', data: alias };
    return type === 'CNAME' ? [answer] : [answer, ...answersTo(zone, { name: alias, type })];
  }
  if (type === 'MX') {
    return (mx?.[name] ?? []).map((text) => {
      const [preference = '0', exchange = '.'] = text.split(' ');
      return { ...common, type, data: { preference: Number(preference), exchange } };
    });
  }
  if (type === 'A') return (a?.[name] ?? []).map((data) => ({ ...common, type, data }));
  if (type === 'AAAA') return (aaaa?.[name] ?? []).map((data) => ({ ...common, type, data }));
  if (type === 'TXT') {
    return (txt?.[name] ?? []).map((text) => ({
      ...common,
      type,
      data: text.match(/.{1,255}/gs) ?? [''],
    }));
  }
  return [];
}

const isKnown = ({ mx, a, aaaa, txt, cname }: Zone, name: string): boolean =>
  [mx, a, aaaa, txt, cname].some((records) => records?.[name] !== undefined);
