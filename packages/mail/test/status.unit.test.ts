import { expect, test } from 'vitest';
import { replyCode, statusOfReply, type ReplyStage } from '../src/index.ts';

const stages: readonly (ReplyStage | undefined)[] = [
  undefined,
  'greeting',
  'mail',
  'rcpt',
  'content',
];

test.each([
  ['550', '5.7.1', '5.7.1'],
  ['552', '5.2.3', '5.2.3'],
  ['450', '4.2.1', '4.2.1'],
])('%s with the enhanced code %s keeps it at every stage', (code, enhancedCode, status) => {
  for (const stage of stages) {
    expect(statusOfReply({ code: Number(code), enhancedCode, stage })).toBe(status);
  }
});

test('an enhanced code of another class than the reply is ignored', () => {
  expect(statusOfReply({ code: 550, enhancedCode: '4.2.1' })).toBe('5.0.0');
  expect(statusOfReply({ code: 552, enhancedCode: '4.2.2', stage: 'rcpt' })).toBe('5.2.2');
  expect(statusOfReply({ code: 450, enhancedCode: '5.1.1' })).toBe('4.0.0');
});

test.each<[number, ReplyStage, string]>([
  [552, 'mail', '5.3.4'],
  [552, 'rcpt', '5.2.2'],
  [552, 'content', '5.3.4'],
  [553, 'mail', '5.1.7'],
  [553, 'rcpt', '5.1.3'],
  [554, 'greeting', '5.3.2'],
  [452, 'mail', '4.3.1'],
  [452, 'content', '4.3.1'],
])('%i at %s means %s', (code, stage, status) => {
  expect(statusOfReply({ code, enhancedCode: null, stage })).toBe(status);
});

test.each([
  [421, '4.3.2'],
  [451, '4.3.0'],
  [500, '5.5.2'],
  [502, '5.5.1'],
  [521, '5.3.2'],
  [530, '5.7.0'],
  [555, '5.5.4'],
  [556, '5.1.10'],
])('%i means %s at every stage', (code, status) => {
  for (const stage of stages) {
    expect(statusOfReply({ code, enhancedCode: null, stage })).toBe(status);
  }
});

test('a code with several meanings yields only its class', () => {
  expect(statusOfReply({ code: 550, enhancedCode: null, stage: 'rcpt' })).toBe('5.0.0');
  expect(statusOfReply({ code: 551, enhancedCode: null, stage: 'rcpt' })).toBe('5.0.0');
  expect(statusOfReply({ code: 554, enhancedCode: null, stage: 'content' })).toBe('5.0.0');
  expect(statusOfReply({ code: 452, enhancedCode: null, stage: 'rcpt' })).toBe('4.0.0');
  expect(statusOfReply({ code: 552, enhancedCode: null })).toBe('5.0.0');
});

test('every code of a refusal has a status of its class', () => {
  for (const stage of stages) {
    for (let code = 400; code < 600; code += 1) {
      const status = statusOfReply({ code, enhancedCode: null, stage });
      expect(status).toMatch(/^[45]\.\d\.\d{1,2}$/);
      expect(status[0]).toBe(String(code)[0]);
    }
  }
});

test.each([
  ['550 5.1.1 no', 550],
  ['550-first\n550 last', 550],
  ['550: No such user', 550],
  ['451try', 451],
  ['421', 421],
  ['5501 no', null],
  ['The connection was lost', null],
  ['', null],
])('the code of %j is %j', (text, code) => {
  expect(replyCode(text)).toBe(code);
});
