import { dataHolders } from '../services.ts';
import type { Collection, Field, Queue, Registry, Word } from './shape.ts';

/** The registry for people: docs/data-map.md. */
export function dataMap(registry: Registry): string {
  return [
    '# Data map',
    'Everything that mySMTP keeps, why, for how long, and how it goes. Generated from the registry of personal data (packages/contracts/src/registry) by `npm run fix`; a test compares it with a running stack, so what is not here is not there. *Erasure* says how the data of a tenant disappears when the tenant goes ([privacy.md](privacy.md)).',
    `Version ${String(registry.version)} of the registry.`,
    '## Databases',
    'Each service that holds data has its own. *sealed*: AES-256-GCM under a key of the tenant; *blind index*: HMAC under a key of the tenant; *id*: random, of our own making; *plain*: a time, a count or a state.',
    ...dataHolders.flatMap((service) => [
      `### ${service}`,
      ...registry.collections.filter((held) => held.service === service).map(section),
    ]),
    '## Queues',
    'Exchanges: ' + registry.exchanges.map((name) => `\`${name}\``).join(', ') + '.',
    table(['Queue', 'Purpose', 'Holds', 'Retention', 'Erasure'], registry.queues.map(queueRow)),
    '## Logs',
    "The keys that a log line may have; the logger drops all others. None ever holds an address, a domain or an IP address of a customer or of anybody they write to, or text that somebody else wrote; the operator's own names and addresses stand in `settings`.",
    table(['Key', 'Holds'], registry.logKeys.map(wordRow)),
    '## Metrics',
    'The labels that a metric may have.',
    table(['Label', 'Holds'], registry.metricLabels.map(wordRow)),
    '',
  ].join('\n\n');
}

function section(held: Collection): string {
  const facts = [
    ['Purpose', held.purpose],
    ['Legal basis', held.basis],
    ['Retention', held.retention],
    ['Erasure', held.erasure],
    ['Fields', fields(held.fields)],
  ];
  return `**\`${held.id}\`**, collection \`${name(held.collection)}\`\n\n${table(['', ''], facts)}`;
}

function fields(of: Collection['fields']): string {
  const groups = new Map<string, string[]>();
  for (const [path, field] of Object.entries(of)) {
    const protection = protectionOf(field);
    groups.set(protection, [...(groups.get(protection) ?? []), `\`${path}\``]);
  }
  return [...groups]
    .map(([protection, paths]) => `${protection}: ${paths.join(', ')}`)
    .join('<br>');
}

const protectionOf = (field: Field): string =>
  typeof field === 'string' ? field : field.protection;

const queueRow = ({ queue, purpose, content, retention, erasure }: Queue): string[] => [
  `\`${name(queue)}\``,
  purpose,
  content,
  retention,
  erasure,
];

const wordRow = ({ name: word, holds }: Word): string[] => [`\`${word}\``, holds];

/** A pattern as a person would write it. */
const name = (text: string): string => text.replaceAll('|', String.raw`\|`);

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
