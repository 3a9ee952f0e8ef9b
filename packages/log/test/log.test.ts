import { expect, test } from 'vitest';
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

test('an error is told by its class, code and place, never by its message', () => {
  const { lines, log } = capture();
  const error = Object.assign(new TypeError('no such mailbox: someone@example.org'), {
    code: 'E1',
  });
  log.error('mail.failed', { error });
  const line: unknown = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ error: 'TypeError', errorCode: 'E1' });
  expect(lines[0]).not.toContain('someone');
});

test('a line break in a value cannot forge a line (ASVS 16.4.1)', () => {
  const { lines, log } = capture();
  log.warn('x', { reason: 'a\r\n{"event":"forged"}' });
  expect(lines.join('').trimEnd().split('\n')).toHaveLength(1);
});
