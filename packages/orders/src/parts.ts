import type { OrderPart } from '@mysmtp/contracts';

/** Octets of the records in a part: a part is a message at the broker. */
const mostOctets = 64 * 1024;

/** What the sealed octets of a part are bound to. */
export const partBinding = (part: {
  readonly order: string;
  readonly service: string;
  readonly run: string;
  readonly number: number;
}): string[] => [part.order, part.service, part.run, String(part.number)];

/** Distributes the records of a store over parts. A record that is larger than a part is one of its own. */
export async function* partsOf(
  store: string,
  portions: AsyncIterable<readonly unknown[]>,
): AsyncGenerator<OrderPart> {
  let records: unknown[] = [];
  let octets = 0;
  for await (const portion of portions) {
    for (const record of portion) {
      const size = Buffer.byteLength(JSON.stringify(record));
      if (records.length > 0 && octets + size > mostOctets) {
        yield { store, records };
        records = [];
        octets = 0;
      }
      records.push(record);
      octets += size;
    }
  }
  if (records.length > 0) yield { store, records };
}
