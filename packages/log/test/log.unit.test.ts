import { expect, test } from 'vitest';
import { CodedError } from '@mysmtp/contracts';
import { createLogger, type LogFields } from '../src/index.ts';

function capture(): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  return {
    lines,
    log: createLogger('ingress', 'debug', { write: (line) => void lines.push(line) }),
  };
}

test('a key that is not on the allow-list never leaves the process', () => {
  const { lines, log } = capture();
  log.info('mail.accepted', { message: 'id', recipient: 'someone@example.org' } as LogFields);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'mail.accepted', message: 'id' });
  expect(lines[0]).not.toContain('example.org');
});

test('an error is logged by its class, code and stack frames, never by its message', () => {
  const { lines, log } = capture();
  const error = Object.assign(new TypeError('no such mailbox: someone@example.org'), {
    code: 'E1',
  });
  log.error('mail.failed', { error });
  const line: unknown = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ error: 'TypeError', errorCode: 'E1' });
  expect(lines[0]).not.toContain('someone');
});

test('an error of our own is logged with its code, and the code or class of its cause', () => {
  const { lines, log } = capture();
  const refused = Object.assign(new Error('someone'), { code: 'ECONNREFUSED' });
  const wrapped = new Error('someone', { cause: refused });
  log.error('x.failed', { error: new CodedError('root_lost', 'someone', { cause: wrapped }) });
  log.error('x.failed', { error: new Error('someone', { cause: new RangeError('someone') }) });
  log.error('x.failed', { error: new Error('someone', { cause: 'someone' }) });
  const own = new Error('someone');
  own.cause = own;
  log.error('x.failed', { error: own });
  expect(lines.join('')).not.toContain('someone');
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(told[0]).toMatchObject({
    error: 'CodedError',
    errorCode: 'root_lost',
    cause: 'ECONNREFUSED',
  });
  expect(told[1]).toMatchObject({ error: 'Error', cause: 'RangeError' });
  expect(told[2]).not.toHaveProperty('cause');
  expect(told[3]).not.toHaveProperty('cause');
});

test('a code that is more than a word is not logged', () => {
  const { lines, log } = capture();
  const error = Object.assign(new Error('x'), { code: 'someone@example.org' });
  log.error('mail.failed', { error });
  expect(lines[0]).not.toContain('someone');
});

test('a line of a message that looks like a stack frame is not logged', () => {
  const { lines, log } = capture();
  const text = '550 no\n    at someone@example.org (file:///x.js:1:2)';
  const caused = new Error('refused');
  caused.stack += `\ncaused by Error: 550 no\n    at someone@example.org (x)`;
  log.error('mail.failed', { error: new Error(text) });
  log.error('mail.failed', { error: new RangeError('over', { cause: new Error(text) }) });
  log.error('mail.failed', { error: caused });
  for (const line of lines) {
    expect(line).not.toContain('someone');
    const { stack } = JSON.parse(line) as { stack: string[] };
    expect(stack[0]).toMatch(/log\.unit\.test\.ts:\d+:\d+\)?$/);
  }
  expect(lines).toHaveLength(3);
});

test('an error whose message differs from its stack is logged without stack frames', () => {
  const { lines, log } = capture();
  for (const message of ['another', '', 'E', 'Error']) {
    const error = new Error('550 no\n    at someone@example.org (file:///x.js:1:2)');
    // A stack is created at the first access.
    expect(error.stack).toContain('someone');
    error.message = message;
    log.error('mail.failed', { error });
  }
  const stacks = lines.map((line) => (JSON.parse(line) as { stack: string[] }).stack);
  expect(stacks).toEqual([[], [], [], []]);
});

test('a thrown value that is no error is logged by its type alone', () => {
  const { lines, log } = capture();
  const address = 'someone@example.org';
  for (const error of [{ message: address }, address, [address], { constructor: address }, null]) {
    log.warn('mail.failed', { error });
  }
  expect(lines.join('')).not.toContain('someone');
  const types = lines.map((line) => (JSON.parse(line) as { error: string }).error);
  expect(types).toEqual(['Object', 'string', 'Array', 'Object', 'object']);
});

test('of values with keys of their own only the type is logged: only numbers, words and lists of them pass', () => {
  const { lines, log } = capture();
  const recipient = 'someone@example.org';
  log.info('x', {
    reason: { recipient },
    key: ['a', 1, null, { recipient }, [recipient]],
    day: new Map([[recipient, recipient]]),
    store: JSON.parse(`{"constructor":{"name":"${recipient}"}}`) as unknown,
    code: 250,
    status: true,
    job: null,
  });
  expect(lines[0]).not.toContain('someone');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    reason: 'Object',
    key: ['a', 1, null, 'Object', 'Array'],
    day: 'Map',
    store: 'Object',
    code: 250,
    status: true,
    job: null,
  });
});

test('settings are logged as a whole, whatever their values are', () => {
  const { lines, log } = capture();
  const settings = { SMARTHOST: { host: 'mx.example', port: 25 }, DNS_SERVERS: ['127.0.0.1'] };
  log.info('service.starting', { settings });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ settings });
});

test('only the logger writes its own keys', () => {
  const { lines, log } = capture();
  log.info('x', { event: 'forged', service: 'forged', stack: ['forged'] } as LogFields);
  expect(lines[0]).not.toContain('forged');
});

test('a line break in a value cannot forge a line (ASVS 16.4.1)', () => {
  const { lines, log } = capture();
  log.warn('x', { reason: 'a\r\n{"event":"forged"}' });
  expect(lines.join('').trimEnd().split('\n')).toHaveLength(1);
});
