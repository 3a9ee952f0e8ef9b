import { dataHolders } from '../services.ts';
import type { Collection, Field, Queue, Registry, Word } from './shape.ts';

/** The registry as a document: docs/data-map.md. */
export function dataMap(registry: Registry): string {
  return [
    '# Data map',
    'All data that mySMTP keeps, its purpose, its retention and its end. Generated from the registry of personal data (packages/contracts/src/registry) by `npm run fix`. A test compares the registry with a running stack; data that is not in it must not exist. *Erasure*: how the data of a tenant is erased with the tenant ([privacy.md](privacy.md)). Terms: [glossary.md](glossary.md).',
    `Version ${String(registry.version)} of the registry.`,
    '## Databases',
    'Each service that holds data has a database of its own. *sealed*: AES-256-GCM under a key of the tenant; *blind index*: HMAC under a key of the tenant; *id*: generated at random by mySMTP; *plain*: a time, a count or a state.',
    ...dataHolders.flatMap((service) => [
      `### ${service}`,
      ...registry.collections.filter((held) => held.service === service).map(section),
    ]),
    '## Queues',
    'Exchanges: ' + registry.exchanges.map((name) => `\`${name}\``).join(', ') + '.',
    table(
      ['Queue', 'Purpose', 'Holds', 'Legal basis', 'Retention', 'Erasure'],
      registry.queues.map(queueRow),
    ),
    '## Logs',
    "The keys that a log line may have; the logger drops all others. None ever holds an address, a domain or an IP address of a customer or of a person they write to, or text from such a person or a remote server. The operator's own names and addresses are in `settings`.",
    table(['Key', 'Holds', 'Legal basis'], registry.logKeys.map(wordRow)),
    '## Metrics',
    'The labels that a metric may have.',
    table(['Label', 'Holds', 'Legal basis'], registry.metricLabels.map(wordRow)),
    '',
  ].join('\n\n');
}

function section(held: Collection): string {
  const rows = [
    ['Purpose', held.purpose],
    ['Legal basis', basisOf(held)],
    ['Retention', held.retention],
    ['Erasure', held.erasure],
    ['Fields', fields(held.fields)],
  ];
  return `**\`${held.id}\`**, collection \`${name(held.collection)}\`\n\n${table(['', ''], rows)}`;
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

const queueRow = (held: Queue): string[] => [
  `\`${name(held.queue)}\``,
  held.purpose,
  held.content,
  basisOf(held),
  held.retention,
  held.erasure,
];

const wordRow = (word: Word): string[] => [`\`${word.name}\``, word.holds, basisOf(word)];

const basisOf = ({ basis, balancingTest }: Pick<Word, 'basis' | 'balancingTest'>): string =>
  balancingTest === undefined
    ? basis
    : `${basis} ([balancing test](balancing-tests/${balancingTest}.md))`;

/** A pattern in a form that Markdown tables can contain. */
const name = (text: string): string => text.replaceAll('|', String.raw`\|`);

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
