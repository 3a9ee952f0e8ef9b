import { isAscii } from 'node:buffer';
import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { expect } from 'vitest';
import {
  buildDsn,
  createMessageReader,
  headerFields,
  splitHeaderBlock,
  type DsnOptions,
  type DsnRecipient,
} from '../src/index.ts';

const id = '0198c2f0-0000-7000-8000-000000000000';

/** The text of a server that tries to inject content into the DSN. */
const words = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\r\n',
        '\r\n\r\n',
        '\n',
        '\r',
        '\0',
        ' ',
        '\t',
        ':',
        `--=_${id}`,
        `--=_${id}--`,
      ),
      fc.constantFrom(
        'Injected: x',
        'Bcc: a@example.net',
        '.',
        '550 5.1.1 no',
        '=0D=0A',
        'ü',
        '\u2028',
      ),
      fc.constantFrom('x'.repeat(950), 'y '.repeat(600)),
      fc.string({ unit: 'binary', maxLength: 10 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const address = fc.stringMatching(/^([a-zü]{1,8}|"[a-z ,;<>@]{1,8}")@[a-z]{1,8}\.example$/u);
const recipient: fc.Arbitrary<DsnRecipient> = fc.record(
  {
    address,
    action: fc.constantFrom('failed', 'delayed'),
    status: fc.constantFrom('5.1.1', '4.4.1'),
    remoteMta: fc.constantFrom('mx.example.net'),
    reply: words,
    reason: words,
    lastAttemptAt: fc.nat(),
  },
  { requiredKeys: ['address', 'action', 'status'] },
);

const fields = fc
  .array(
    fc.constantFrom(
      'A: b',
      `B: --=_${id}--`,
      'C: ü',
      `D: ${'z'.repeat(990)}`,
      `E: x\r\n --=_${id}`,
    ),
  )
  .map((lines) => Buffer.from(lines.map((line) => `${line}\r\n`).join('')));

const options: fc.Arbitrary<DsnOptions> = fc.record({
  id: fc.constant(id),
  reportingMta: fc.constant('relay.example.org'),
  postmaster: fc.constant('postmaster@relay.example.org'),
  to: address,
  date: fc.nat(),
  arrivalDate: fc.nat(),
  recipients: fc.array(recipient, { minLength: 1, maxLength: 4 }),
  originalHeader: fields,
});

fuzz('a DSN is valid, whatever the server said', [options], (given) => {
  const { message, smtputf8 } = buildDsn(given);
  const reader = createMessageReader();
  reader.push(message);
  reader.finish();
  expect(reader.problem()).toBeUndefined();
  const names = headerFields(reader.header() ?? Buffer.alloc(0))?.map((field) => field.name);
  expect(names?.slice(0, 8)).toEqual([
    'date',
    'from',
    'to',
    'subject',
    'message-id',
    'auto-submitted',
    'mime-version',
    'content-type',
  ]);
  expect(names?.slice(8)).toEqual(smtputf8 ? ['content-transfer-encoding'] : []);
  if (!smtputf8) expect(isAscii(message)).toBe(true);
});

/** The second part, decoded: the groups of fields of RFC 3464 2.1. */
function statusGroups(message: Buffer): string[][] {
  const part = message.toString().split(`\r\n--=_${id}\r\n`)[2] ?? '';
  const { header, body } = splitHeaderBlock(Buffer.from(part));
  const isEncoded = header.toString().includes('base64');
  const text = isEncoded ? Buffer.from(body.toString(), 'base64').toString() : body.toString();
  return text
    .split('\r\n\r\n')
    .filter((group) => group.trim() !== '')
    .map((group) => headerFields(Buffer.from(`${group.trimEnd()}\r\n`))?.map((f) => f.name) ?? []);
}

fuzz(
  'a DSN has one group of fields for each recipient, and no field of a server',
  [options],
  (given) => {
    const [first, ...groups] = statusGroups(buildDsn(given).message);
    expect(first).toEqual(['reporting-mta', 'arrival-date']);
    expect(groups).toEqual(
      given.recipients.map((one) => [
        'final-recipient',
        'action',
        'status',
        ...(one.remoteMta === undefined ? [] : ['remote-mta']),
        ...(one.reply === undefined ? [] : ['diagnostic-code']),
        ...(one.lastAttemptAt === undefined ? [] : ['last-attempt-date']),
      ]),
    );
  },
);

fuzz(
  'another parser finds its recipient, its subjects, and no field or part of a server',
  [options],
  async (given) => {
    const parsed = await PostalMime.parse(buildDsn(given).message);
    expect(parsed.headers.some(({ key }) => key === 'injected' || key === 'bcc')).toBe(false);
    // That parser does not support quotes within angle brackets.
    if (!given.to.includes('"'))
      expect(parsed.to?.map(({ address }) => address)).toEqual([given.to]);
    for (const { address, status } of given.recipients) {
      expect(parsed.text).toContain(`<${address}>: ${status}`);
    }
    expect(parsed.attachments.length).toBe(2);
  },
);

fuzz(
  'the time to write a DSN is linear in the length of the texts',
  [fc.array(fc.constantFrom(' ', 'x', '\r\n', '\0', 'ü'), { minLength: 1, maxLength: 3 })],
  (unit) => {
    const written = (reply: string) =>
      buildDsn({
        id,
        reportingMta: 'relay.example.org',
        postmaster: 'postmaster@relay.example.org',
        to: 'a@example.org',
        date: 0,
        arrivalDate: 0,
        recipients: [{ address: 'b@example.net', action: 'failed', status: '5.0.0', reply }],
        originalHeader: Buffer.from(`A: ${reply}`),
      });
    expectLinear((size) => unit.join('').repeat(size), written);
  },
  5,
);
