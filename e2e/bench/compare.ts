import { writeFile } from 'node:fs/promises';
import { openFolder } from './folder.ts';
import { describeMachine } from './hardware.ts';
import { markdown } from './markdown.ts';
import { measureRounds, type Run } from './measure.ts';
import type { Options } from './options.ts';
import { profiles, type Profile, type ProfileName } from './profiles.ts';
import { cpuTable, memoryTable, table } from './report.ts';
import { startRows, type RowName } from './rows.ts';
import { startSink } from './sink.ts';

/** Rows under the same load: a part of the table. */
interface Section {
  readonly title: string;
  readonly profile: Profile;
  readonly rows: readonly RowName[];
}

const plain: readonly RowName[] = ['postfix', 'haraka', 'customer'];
const everything: readonly RowName[] = [...plain, 'ours', 'real'];

const parts = {
  '10k': { title: '10 KB', rows: everything },
  quick: { title: '10 KB, too few messages for figures', rows: everything },
  '1k': { title: '1 KB', rows: [...plain, 'ours'] },
  '100k': { title: '100 KB', rows: [...plain, 'ours'] },
  large: { title: '25 MB', rows: [...plain, 'ours'] },
  connections: { title: '10 KB, a new connection per message', rows: [...plain, 'ours'] },
} as const satisfies Partial<Record<ProfileName, Omit<Section, 'profile'>>>;
type PartName = keyof typeof parts;

export type CompareName = PartName | 'table';
const inTable: readonly PartName[] = ['10k', '1k', '100k', 'connections'];

export const isComparison = (name: ProfileName): name is CompareName =>
  name === 'table' || Object.hasOwn(parts, name);

/** The systems in turn under each load. Returns the tables. */
export async function compare(
  name: CompareName,
  { profile: { rounds, sessions }, overrides, only, cpuProfile, json }: Options,
  running: AsyncDisposableStack,
  say: (line: string) => void,
): Promise<string> {
  const sections = (name === 'table' ? inTable : [name]).map((part): Section => ({
    ...parts[part],
    profile: { ...profiles[part], ...overrides },
  }));
  const dir = running.use(await openFolder());
  const wanted = [...new Set(sections.flatMap(({ rows }) => rows))];
  const rows = await startRows(wanted, dir, running, { only, sessions, cpuProfile, say });
  const sink = await startSink(dir.sinkPort);
  running.defer(() => sink.stop());

  const runs = sections.flatMap(({ title, profile, rows: names }) =>
    names.flatMap((one): (Run & { title: string })[] => {
      const row = rows[one];
      return row === undefined ? [] : [{ title, profile, row }];
    }),
  );
  const results = await measureRounds(runs, rounds, sink, say);
  const measured = sections.map((section) => ({
    ...section,
    results: results.filter(({ title }) => title === section.title),
  }));

  const date = new Date().toISOString();
  const machine = await describeMachine(dir.root);
  const systems = [...new Set(runs.map(({ row }) => row.system))].map(
    ({ product, durability }) => ({ product, durability }),
  );
  if (json !== undefined) {
    const content = measured.map(({ title, profile, results: all }) => ({
      title,
      profile,
      results: all.map(({ name: row, rounds: each }) => ({ name: row, rounds: each })),
    }));
    const all = { date, name, machine, systems, sections: content };
    await writeFile(json, JSON.stringify(all, null, 2));
  }
  if (name === 'table') return markdown({ date, machine, systems, rounds, sections: measured });
  return [
    ...measured.flatMap(({ profile, results: all }) => [
      `${table(all)}\n`,
      `CPU µs per message\n${cpuTable(all)}\n`,
      `Peak memory, MiB (largest process; sum if there are several)\n${memoryTable(all)}\n`,
      `profile ${name}: ${JSON.stringify(profile)}`,
    ]),
    [...machine, ...systems.map(({ product }) => product)].join(' · '),
  ].join('\n');
}
