import { describe, expect, test } from 'vitest';
import { createMessageReader, headerLimit, replies, type Reply } from '../src/index.ts';

interface Read {
  header: string | undefined;
  body: string;
  problem: Reply | undefined;
  eightBit: boolean;
}

function read(message: Buffer, cuts: readonly number[] = []): Read {
  const reader = createMessageReader();
  const body: Buffer[] = [];
  let at = 0;
  for (const cut of [...cuts, message.length]) {
    const part = reader.push(message.subarray(at, cut));
    if (part !== undefined) body.push(part);
    at = cut;
  }
  reader.finish();
  return {
    header: reader.header()?.toString('latin1'),
    body: Buffer.concat(body).toString('latin1'),
    problem: reader.problem(),
    eightBit: reader.isEightBit(),
  };
}

const octets = (text: string) => Buffer.from(text, 'latin1');

test('header and body are separated at the first empty line', () => {
  expect(read(octets('A: b\r\nC: d\r\n\r\nbody\r\n\r\nmore\r\n'))).toEqual({
    header: 'A: b\r\nC: d\r\n',
    body: 'body\r\n\r\nmore\r\n',
    problem: undefined,
    eightBit: false,
  });
  expect(read(octets('\r\nbody\r\n'))).toMatchObject({ header: '', body: 'body\r\n' });
  expect(read(octets('A: b\r\n'))).toMatchObject({ header: 'A: b\r\n', body: '' });
  expect(read(octets(''))).toMatchObject({ header: '', body: '' });
});

describe('is refused at any position', () => {
  const cases: [string, string, Reply][] = [
    ['bare LF', '\n', replies.bareLf],
    ['bare CR', '\r', replies.bareCr],
    ['NUL', '\0', replies.nul],
    ['CR CR LF', '\r\r\n', replies.bareCr],
    ['LF CR', '\n\r', replies.bareLf],
    ['LF . CRLF', '\n.\r\n', replies.bareLf],
    ['LF . LF', '\n.\n', replies.bareLf],
    ['CR . CRLF', '\r.\r\n', replies.bareCr],
    ['CR . CR', '\r.\r', replies.bareCr],
    ['CRLF . LF', '\r\n.\n', replies.bareLf],
    ['CRLF . CR', '\r\n.\r', replies.bareCr],
    ['CRLF NUL . CRLF', '\r\n\0.\r\n', replies.nul],
    ['LF LF . CRLF', '\n\n.\r\n', replies.bareLf],
  ];
  test.each(cases)('%s', (_name, text, problem) => {
    for (const place of ['', 'A: b\r\n', 'A: b\r\n\r\n', 'A: b\r\n\r\nbody']) {
      const message = octets(`${place}${text}MAIL FROM:<a@example.org>\r\nend\r\n`);
      expect(read(message).problem, place).toBe(problem);
      for (let cut = 1; cut < message.length; cut += 1) {
        expect(read(message, [cut]).problem, `${place} cut at ${String(cut)}`).toBe(problem);
      }
    }
  });
});

test('a line may have 998 octets and its CRLF, for any chunks', () => {
  const fits = octets(`A: b\r\n\r\n${'x'.repeat(998)}\r\n`);
  const long = octets(`A: b\r\n\r\n${'x'.repeat(999)}\r\n`);
  for (const cuts of [[], [500], [8, 9, 10], [1005, 1006, 1007]]) {
    expect(read(fits, cuts).problem).toBeUndefined();
    expect(read(long, cuts).problem).toBe(replies.lineTooLong);
  }
});

test('8-bit octets are detected in the body, not in the header', () => {
  expect(read(octets('A: b\r\n\r\n\xff\r\n'))).toMatchObject({
    eightBit: true,
    problem: undefined,
  });
  for (const message of [Buffer.from('A: ü\r\n\r\nb\r\n'), octets('A: \xff\r\n\r\nb\r\n')]) {
    for (const cuts of [[], [3], [4], [6, 7, 8]]) {
      expect(read(message, cuts)).toMatchObject({ eightBit: false, problem: undefined });
    }
  }
});

test('a line of the header may be longer: it can be folded', () => {
  const message = octets(`To: ${'x'.repeat(5_000)}\r\n\r\nbody\r\n`);
  for (const cuts of [[], [500], [5_000, 5_005, 5_007]]) {
    expect(read(message, cuts)).toMatchObject({ body: 'body\r\n', problem: undefined });
  }
});

test('a header without an end is refused at the limit', () => {
  const line = `A: ${'x'.repeat(900)}\r\n`;
  const message = octets(line.repeat(Math.ceil(headerLimit / line.length) + 1));
  expect(read(message).problem).toBe(replies.headerTooBig);
  const cuts = Array.from({ length: 20 }, (_, n) => (n + 1) * 10_000);
  expect(read(message, cuts).problem).toBe(replies.headerTooBig);
});

test('the result is the same for any chunks', () => {
  const alphabet = ['\r\n', '\r\n', ' ', '\t', 'x', 'A: b', '.', 'ü', '\r\n\r\n', '\r', '\n', '\0'];
  let seed = 42;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 3_000; round += 1) {
    // Half of them without refused octets.
    const choice = alphabet.length - (round % 2) * 3;
    const parts = Array.from({ length: random(30) }, () => alphabet[random(choice)]);
    const message = Buffer.from(parts.join(''));
    const cuts = Array.from({ length: random(6) }, () => random(message.length + 1)).sort(
      (a, b) => a - b,
    );
    const whole = read(message);
    const cut = read(message, cuts);
    expect(cut.problem === undefined).toBe(whole.problem === undefined);
    if (whole.problem === undefined) expect(cut).toEqual(whole);
  }
});
