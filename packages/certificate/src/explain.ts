import {
  registry as today,
  type Certificate,
  type Receipt,
  type SubjectKind,
} from '@mysmtp/contracts';
import { harmless, plural, time, width, wrap } from './text.ts';
import type { FrozenRegistry } from './frozen-registry.ts';
import type { Statement, Verification } from './verify.ts';

/** The result of a verification in words: the checked conditions, the statements of the certificate, and their limits. */
export function explain(
  { holds, checks, statement }: Verification,
  told: { readonly keys: string; readonly opening: boolean },
): string {
  const reasons = checks.flatMap((check) => check.reasons);
  const good = checks.flatMap((check) =>
    check.holds !== undefined && check.reasons.length === 0 ? [check.holds] : [],
  );
  return [
    holds
      ? 'THE CERTIFICATE HOLDS: it is complete and signed.'
      : 'THE CERTIFICATE DOES NOT HOLD. Do not rely on it.',
    ...(holds ? [] : ['', 'Why not', ...reasons.map((reason) => `  ✗ ${reason}`)]),
    ...(good.length === 0 ? [] : ['', holds ? 'What was checked' : 'What did hold']),
    ...good.flatMap((line) => wrap(line, '  ✓ ')),
    '',
    ...wrap(told.keys, 'Keys from      '),
    ...(statement === undefined ? [] : contents(statement, told.opening)),
    ...(holds ? worth : []),
  ]
    .map(harmless)
    .join('\n');
}

/** The subject of the certificate. */
const kinds: Readonly<Record<SubjectKind, string>> = {
  tenant: 'a customer (tenant) as a whole',
  person: 'one address (person) in the data of one customer',
};

const requests: Readonly<Record<SubjectKind, string>> = {
  tenant: 'to erase everything of one customer',
  person: 'to erase one person',
};

const opened: Readonly<Record<SubjectKind, { readonly yes: string; readonly no: string }>> = {
  tenant: {
    yes: 'the customer was verified, see above',
    no: 'not named here, --tenant and --nonce show whether it is yours',
  },
  person: {
    yes: 'the address was verified, see above',
    no: 'not named here, --address and --nonce show whether it is yours',
  },
};

/** The subject in a sentence. */
const nouns: Readonly<Record<SubjectKind, string>> = { tenant: 'customer', person: 'person' };

function contents(statement: Statement, opening: boolean): string[] {
  const { kid, certificate, registry } = statement;
  const { kind } = certificate.subject;
  return [
    `Signed by      mySMTP’s service privacy, key ${kid}`,
    `Requested      ${requests[kind]}, request ${certificate.requestId}`,
    ...wrap(`${kinds[kind]}; ${opening ? opened[kind].yes : opened[kind].no}`, 'Subject        '),
    `Commitment     ${certificate.subject.commitment}`,
    `Requested on   ${time(certificate.requestedAt)}`,
    `Complete on    ${time(certificate.completedAt)}`,
    ...stores(statement),
    ...kept(statement),
    ...fence(certificate),
    ...sweepsOf(certificate, registry),
    ...keys(certificate),
  ];
}

/** The table: the records that each store had of the subject and that were removed. */
function stores({ certificate, registry, receipts }: Statement): string[] {
  const purposes = purposesOf(registry);
  const names = certificate.receipts.map(({ store }) => store);
  const column = Math.max(5, ...names.map((name) => name.length));
  const row = (store: string, removed: string, stays: string): string =>
    `  ${store.padEnd(column)}  ${removed.padStart(8)}  ${stays.padEnd(6)}  `;
  const head = row('Store', 'Removed', 'Stays');
  return [
    '',
    ...wrap(
      `What was removed, as the services counted it (version ${String(certificate.registry.version)} of the registry of personal data)`,
      '',
    ),
    `${head}What it is for`,
    `  ${'─'.repeat(width - 2)}`,
    ...names.flatMap((store) => {
      const receipt = receipts.get(store);
      const stays = (receipt?.retained.length ?? 0) > 0 ? 'below' : '–';
      const removed = receipt === undefined ? '✗' : String(receipt.deleted);
      return wrap(
        purposes.get(store) ?? '',
        row(store, removed, receipt === undefined ? '?' : stays),
        ' '.repeat(head.length),
      );
    }),
    ...countings([...receipts.values()]),
  ];
}

/** The origin of the numbers in the table. */
function countings(receipts: readonly Receipt[]): string[] {
  const counted = receipts
    .filter(({ matchedBy }) => matchedBy !== 'search')
    .map(({ store }) => store);
  const searched = plural(receipts.length - counted.length, 'store');
  return [
    ...wrap(`Counted by a search before the removal: ${searched}.`, '  '),
    ...(counted.length === 0
      ? []
      : wrap(`Counted while it was removed: ${counted.join(', ')}.`, '  ', '    ')),
  ];
}

/** The kept data, once for each ground. */
function kept({ certificate, receipts }: Statement): string[] {
  const all = [
    ...[...receipts.values()].flatMap(({ retained }) => retained),
    ...certificate.retained,
  ];
  const groups = new Map<string, { ground: string; until: string; categories: Set<string> }>();
  for (const { category, ground, until } of all) {
    const end = until === null ? 'for good' : `until ${timeOr(until)}`;
    const group = groups.get(`${ground} ${end}`) ?? { ground, until: end, categories: new Set() };
    group.categories.add(category);
    groups.set(`${ground} ${end}`, group);
  }
  if (groups.size === 0) return ['', 'What stays: nothing.'];
  return [
    '',
    'What stays, why, and until when',
    ...[...groups.values()].flatMap(({ ground, until, categories }) => [
      ...wrap(`${ground} Kept ${until}:`, '  • '),
      ...[...categories].flatMap((category) => wrap(category, '      ', '        ')),
    ]),
  ];
}

function fence({ fence: { raisedAt, processes, wire }, subject }: Certificate): string[] {
  const noun = nouns[subject.kind];
  const count = Object.values(processes).reduce((sum, each) => sum + each, 0);
  const each = Object.entries(processes).map(([name, number]) => `${name} ${String(number)}`);
  const onWire = wire.finished + wire.unknown;
  return [
    '',
    'How writing was stopped, by the certificate',
    ...wrap(
      `From ${time(raisedAt)} on, ${plural(count, 'running program')} (${each.join(', ')}) refused everything of the ${noun}, and confirmed it.`,
      '  ',
    ),
    ...wrap(
      onWire === 0
        ? `No mail of the ${noun} was being handed to another mail server at that moment.`
        : `Mail to ${plural(onWire, 'recipient')} was being handed to other mail servers at that moment: ${String(wire.finished)} answered, and for ${String(wire.unknown)} it is unknown whether it arrived.`,
      '  ',
    ),
  ];
}

function sweepsOf(
  { canaries, sweeps, subject }: Certificate,
  registry: FrozenRegistry | undefined,
): string[] {
  const shredded = (subject.kind === 'tenant' ? (registry?.collections ?? []) : [])
    .filter(({ subject }) => subject?.erased === 'shred')
    .map(({ id }) => id);
  return [
    '',
    'The sweeps by privacy, with a read-only database user, by the certificate',
    ...wrap(
      `Before: a planted test record, or ${subject.kind === 'tenant' ? 'the customer’s own' : 'that of another person'}, was found in ${plural(canaries.length, 'collection')}.`,
      '  ',
    ),
    ...sweeps.flatMap(({ at, found }) => {
      const count = Object.values(found).reduce((sum, each) => sum + each, 0);
      return wrap(
        `${time(at)}: ${plural(count, 'record')} left in ${plural(Object.keys(found).length, 'collection')}.`,
        '  ',
      );
    }),
    ...(shredded.length === 0
      ? []
      : wrap(
          `What is erased together with the keys (${shredded.join(', ')}) must be gone in the last sweep.`,
          '  ',
        )),
  ];
}

function keys({ keys: { destroyed, triedRoots }, subject }: Certificate): string[] {
  if (subject.kind !== 'tenant') return [];
  return [
    '',
    'The keys, by the certificate',
    ...wrap(destroyed.join(', '), '  Destroyed: ', '    '),
    ...wrap(
      `${triedRoots.join(', ')}; none of them opens what was locked.`,
      '  Tried afterwards: ',
      '    ',
    ),
  ];
}

const worth = [
  '',
  'What this proves, and what it does not',
  ...wrap(
    'It proves that the holder of the key above signed this certificate, that it was not changed since, and that it has every statement that an erasure must have: of each store, of the sweeps, and of the keys if a customer was erased.',
    '  ',
  ),
  ...wrap(
    'It does not prove that the statements are true. A holder of the key above and of a key of each service could have made it without an erasure. So could the publisher of the keys. The numbers are those of the services.',
    '  ',
  ),
  ...wrap(
    'It does not prove that no copy of a destroyed key is left: storage may keep what was overwritten (snapshots, copy-on-write, SSD), and how long backups of the vault are kept is only a statement of the operator.',
    '  ',
  ),
  ...wrap(
    'It does not prove what the mail servers of recipients hold: delivered mail is under their control. It says nothing about copies that a customer has.',
    '  ',
  ),
];

/** In the words of that version, or of the documentation of today. */
function purposesOf(registry: FrozenRegistry | undefined): Map<string, string> {
  const all = registry === undefined ? [] : [...registry.collections, ...registry.queues];
  const documented = [...today.collections, ...today.queues];
  const words = new Map(documented.map(({ id, purpose }) => [id, purpose]));
  return new Map(all.map(({ id, purpose }) => [id, purpose ?? words.get(id) ?? '']));
}

/** `until` is text of the signer: not always a time. */
function timeOr(text: Receipt['at']): string {
  return Number.isNaN(Date.parse(text)) ? text : time(text);
}
