import { exportedRecords, PersonExport, reader, type OrderPart } from '@mysmtp/contracts';
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { masked } from './masked.ts';
import { pageOf } from './page.ts';

interface About {
  readonly request: string;
  readonly address: string;
  readonly createdAt: number;
  /** Whether the owner of the customer asks. If not, the addresses of others are masked. */
  readonly byOwner: boolean;
  /** Whether the person has asked while signed in. */
  readonly account: boolean;
}

/** The content of `export.json`. */
export function exportOf(parts: readonly OrderPart[], about: About): PersonExport {
  const { request, address, createdAt, byOwner, account } = about;
  const data: Record<string, unknown[]> = Object.fromEntries(
    Object.keys(exportedRecords).map((store) => [store, []]),
  );
  for (const { store, records } of parts) data[store]?.push(...records);
  const whole = reader(PersonExport).parse({
    v: 1,
    request,
    address,
    createdAt: new Date(createdAt).toISOString(),
    masked: !byOwner,
    account,
    data,
  });
  return byOwner ? whole : { ...whole, data: masked(whole.data, address) };
}

const json = (value: unknown) => strToU8(`${JSON.stringify(value, null, 2)}\n`);

/** The zip: the data for a program with its schema, and a page for a person in each language. */
export function bundleOf(exported: PersonExport): Buffer {
  return Buffer.from(
    zipSync(
      {
        'export.json': json(exported),
        'person-export.schema.json': json(z.toJSONSchema(PersonExport)),
        'index.html': strToU8(pageOf(exported, 'en')),
        'index.de.html': strToU8(pageOf(exported, 'de')),
      },
      { mtime: new Date(exported.createdAt) },
    ),
  );
}
