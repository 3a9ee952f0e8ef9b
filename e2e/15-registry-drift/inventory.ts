import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';
import { MongoClient, type Db } from 'mongodb';
import { databaseOf } from '../kit/databases.ts';

/** The contents of a running stack, read from its servers and not from our code. */
export interface Inventory {
  /** Paths of fields by `SERVICE.COLLECTION`; an element of an array has the path of the array. */
  readonly collections: ReadonlyMap<string, ReadonlySet<string>>;
  readonly queues: ReadonlySet<string>;
  readonly exchanges: ReadonlySet<string>;
  readonly logKeys: ReadonlySet<string>;
  readonly metricLabels: ReadonlySet<string>;
}

export async function takeInventory(description: StackDescription): Promise<Inventory> {
  return {
    collections: await collections(description),
    queues: await namesOf(description, 'queues'),
    // RabbitMQ's own exchanges always exist and are unused; the default one has no name.
    exchanges: new Set(
      [...(await namesOf(description, 'exchanges'))].filter((name) => !/^($|amq\.)/.test(name)),
    ),
    logKeys: await logKeys(description),
    metricLabels: await metricLabels(description),
  };
}

async function collections(description: StackDescription): Promise<Map<string, Set<string>>> {
  const client = new MongoClient(description.mongodb.url);
  try {
    const found = new Map<string, Set<string>>();
    for (const service of serviceNames) {
      await addCollections(client.db(databaseOf(description, service)), service, found);
    }
    return found;
  } finally {
    await client.close();
  }
}

async function addCollections(
  database: Db,
  service: ServiceName,
  to: Map<string, Set<string>>,
): Promise<void> {
  for (const { name } of await database.listCollections().toArray()) {
    const paths = new Set<string>();
    for await (const document of database.collection(name).find()) addPaths(document, '', paths);
    to.set(`${service}.${name}`, paths);
  }
}

function addPaths(value: unknown, at: string, to: Set<string>): void {
  if (Array.isArray(value) && value.length > 0) {
    for (const item of value) addPaths(item, at, to);
  } else if (isPlain(value)) {
    for (const [key, inner] of Object.entries(value)) {
      addPaths(inner, at === '' ? key : `${at}.${key}`, to);
    }
  } else to.add(at);
}

/** A document and not a BSON value, such as octets or a date. */
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

async function namesOf(
  description: StackDescription,
  what: 'queues' | 'exchanges',
): Promise<Set<string>> {
  const url = new URL(description.rabbitmq.managementUrl);
  const vhost = new URL(description.rabbitmq.url).pathname.slice(1);
  const authorization = `Basic ${Buffer.from(`${url.username}:${url.password}`).toString('base64')}`;
  const response = await fetch(`${url.origin}/api/${what}/${vhost}`, {
    headers: { authorization },
  });
  if (!response.ok) throw new Error(`RabbitMQ answered ${String(response.status)}`);
  return new Set(((await response.json()) as { name: string }[]).map(({ name }) => name));
}

async function logKeys({ logDir }: StackDescription): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const service of serviceNames) {
    const lines = (await readFile(path.join(logDir, `${service}.log`), 'utf8')).split('\n');
    for (const line of lines) {
      if (line === '') continue;
      for (const [key, value] of Object.entries(parse(line, service))) {
        // Its content has the names of settings, from each service's list of them.
        if (key === 'settings') keys.add(key);
        else addPaths(value, key, keys);
      }
    }
  }
  return keys;
}

/** A line that is no JSON did not pass the logger, so its content is not controlled. */
function parse(line: string, service: ServiceName): object {
  try {
    return JSON.parse(line) as object;
  } catch {
    throw new Error(`${service} wrote a line past the logger`);
  }
}

async function metricLabels({ operations }: StackDescription): Promise<Set<string>> {
  const labels = new Set<string>();
  for (const service of serviceNames) {
    const text = await (await fetch(`${operations[service]}/metrics`)).text();
    for (const [, inner = ''] of text.matchAll(/^[a-z_]\w*\{(.*)\} \S+$/gim)) {
      for (const [, label = ''] of inner.matchAll(/(?:^|,)([a-z_]\w*)="/gi)) labels.add(label);
    }
  }
  return labels;
}
