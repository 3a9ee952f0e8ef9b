import type { Failure } from '../../src/index.ts';
import { patient } from '../client.ts';
import type { Act } from '@mysmtp/test-kit/scripted-server';

export interface Fault {
  readonly act: Act | string;
  readonly failure: Partial<Failure>;
  /** The server has answered, and the connection stays usable. */
  readonly goesOn?: true;
}

const refused = { reason: 'refused' } as const;
export const faults: Readonly<Record<string, Fault>> = {
  '421': {
    act: { say: '421 4.3.2 closing\r\n', end: 'close' },
    failure: { reason: 'closing', code: 421, enhancedCode: '4.3.2', permanent: false },
  },
  '4xx': {
    act: '451-4.7.1 wait\r\n451 4.7.1 a while\r\n',
    failure: { ...refused, code: 451, enhancedCode: '4.7.1', permanent: false },
    goesOn: true,
  },
  '5xx': {
    act: '554 5.7.1 no\r\n',
    failure: { ...refused, code: 554, enhancedCode: '5.7.1', permanent: true },
    goesOn: true,
  },
  'a code without text': {
    act: '550\r\n',
    failure: { ...refused, code: 550, enhancedCode: null, permanent: true },
    goesOn: true,
  },
  'a code and a colon': {
    act: '550: no\n',
    failure: { ...refused, code: 550, enhancedCode: null, permanent: true },
    goesOn: true,
  },
  'a line without a code': {
    act: 'no\r\n',
    failure: { reason: 'unreadable', code: null, permanent: false },
  },
  'an empty line': {
    act: '\r\n',
    failure: { reason: 'unreadable', code: null, permanent: false },
  },
  silence: { act: {}, failure: { reason: 'timeout', code: null, permanent: false } },
  'half a reply, then silence': {
    act: '554-5.7.1 n',
    failure: { reason: 'timeout', code: null, permanent: false },
  },
  close: {
    act: { end: 'close' },
    failure: { reason: 'closed', code: null, enhancedCode: '4.4.2', permanent: false },
  },
  reset: { act: { end: 'reset' }, failure: { reason: 'lost', code: null, permanent: false } },
  'half a reply, then reset': {
    act: { say: '554-5.7.1 n', end: 'reset' },
    failure: { reason: 'lost', code: null, permanent: false },
  },
};

export const each = Object.entries(faults);
/** Only silence waits for it: any answer is read at once. */
export const brief = (stage: string) => ({ ...patient, [stage]: 250 });
export const isSilent = (name: string): boolean => name.includes('silence');

const inClear = ['8BITMIME', 'SIZE'];
/** Both modes of a transaction, with the extensions of the server. */
export const kinds = [
  ['one command at a time', inClear],
  ['pipelined', [...inClear, 'PIPELINING']],
] as const;
