import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backEndSetting, commonSettings, ConfigError, readConfig } from '../src/index.ts';

const { mongodbUrl, rabbitmqUrl } = commonSettings;
const settings = {
  mongodbUrl,
  rabbitmqUrl,
  managementUrl: backEndSetting('RABBITMQ_MANAGEMENT_URL', 'http'),
};
const good = {
  MONGODB_URL: 'mongodb+srv://user:word@cluster.example.org/name',
  RABBITMQ_URL: 'amqps://user:word@rabbit.example.org/mail',
  RABBITMQ_MANAGEMENT_URL: 'https://user:word@rabbit.example.org:15671',
};

function problems(env: Readonly<Record<string, string>>): ConfigError['problems'] {
  try {
    readConfig(settings, { ...good, ...env });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const refused: [keyof typeof good, string][] = [
  ['MONGODB_URL', 'mongodb://user:word@db.example.org/name'],
  ['MONGODB_URL', 'mongodb://user:word@db.example.org/name?tls=false'],
  ['MONGODB_URL', 'mongodb://user:word@10.0.0.1:27017,127.0.0.1:27017/name?replicaSet=rs0'],
  ['MONGODB_URL', 'mongodb://user:word@localhost.example.org/name'],
  ['MONGODB_URL', 'mongodb://user:word@[2001:db8::1]:27017/name'],
  ['MONGODB_URL', 'mongodb+srv://user:word@cluster.example.org/name?tls=false'],
  ['MONGODB_URL', 'mongodb://user:word@db.example.org/name?tls=true&tlsInsecure=true'],
  [
    'MONGODB_URL',
    'mongodb://user:word@db.example.org/name?tls=true&tlsAllowInvalidCertificates=true',
  ],
  ['RABBITMQ_URL', 'amqp://user:word@rabbit.example.org/mail'],
  ['RABBITMQ_URL', 'amqp://user:word@128.0.0.1/mail'],
  ['RABBITMQ_MANAGEMENT_URL', 'http://user:word@rabbit.example.org:15672'],
];

test.each(refused)('%s=%s is refused by name, and the value is not repeated', (name, url) => {
  const [problem, ...others] = problems({ [name]: url });
  expect(others).toEqual([]);
  expect(problem?.setting).toBe(name);
  expect(problem?.reason).toContain('BACK_ENDS_WITHOUT_TLS=true');
  expect(problem?.reason).not.toMatch(/word|example/);
  expect(problems({ [name]: url, BACK_ENDS_WITHOUT_TLS: 'true' })).toEqual([]);
  expect(problems({ [name]: url, BACK_ENDS_WITHOUT_TLS: 'false' })).toHaveLength(1);
});

test.each<[keyof typeof good, string]>([
  ['MONGODB_URL', 'mongodb://user:word@a.example.org:27017,b.example.org:27017/name?tls=true'],
  ['MONGODB_URL', 'mongodb://user:word@db.example.org/name?ssl=true'],
  ['MONGODB_URL', 'mongodb://user:word@127.0.0.1:27017/name'],
  ['MONGODB_URL', 'mongodb://127.0.0.1:1,127.1.2.3:2,localhost,[::1]:3/name'],
  ['RABBITMQ_URL', 'amqp://user:word@localhost/mail'],
  ['RABBITMQ_URL', 'amqp://user:word@[::1]:5672/mail'],
  ['RABBITMQ_MANAGEMENT_URL', 'http://user:word@127.0.0.1:15672'],
])('%s=%s is taken', (name, url) => {
  expect(problems({ [name]: url })).toEqual([]);
});

test.each<[keyof typeof good, string]>([
  ['MONGODB_URL', 'https://db.example.org'],
  ['MONGODB_URL', 'mongodb://'],
  ['RABBITMQ_URL', 'mongodb://127.0.0.1'],
  ['RABBITMQ_URL', 'amqps:mail'],
  ['RABBITMQ_MANAGEMENT_URL', 'rabbit.example.org'],
])('%s=%s is no URL of its kind, whatever is allowed', (name, url) => {
  const [problem] = problems({ [name]: url, BACK_ENDS_WITHOUT_TLS: 'true' });
  expect(problem?.setting).toBe(name);
  expect(problem?.reason).toMatch(/^must be a URL of /);
});

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-secrets-'));
  await writeFile(path.join(dir, 'url'), `${good.MONGODB_URL}\n`);
  await writeFile(path.join(dir, 'plain'), 'mongodb://user:word@db.example.org/name');
  await writeFile(path.join(dir, 'empty'), '\n');
});
afterAll(() => rm(dir, { recursive: true }));

const inFile = (name: string) => ({ MONGODB_URL: '', MONGODB_URL_FILE: path.join(dir, name) });

test('a secret may be in a file, without the end of its line', () => {
  const config = readConfig(settings, { ...good, ...inFile('url') });
  expect(config.mongodbUrl.reveal()).toBe(good.MONGODB_URL);
});

test('a secret in a file is checked like one in the environment', () => {
  expect(problems(inFile('plain'))).toMatchObject([{ setting: 'MONGODB_URL' }]);
  expect(problems(inFile('empty'))).toEqual([{ setting: 'MONGODB_URL', reason: 'is required' }]);
  expect(problems(inFile('none'))).toEqual([
    { setting: 'MONGODB_URL_FILE', reason: 'cannot be read (ENOENT)' },
  ]);
});

test('a secret both in the environment and in a file is refused, because one of them is a mistake', () => {
  const both = { ...inFile('url'), MONGODB_URL: good.MONGODB_URL };
  expect(problems(both)).toEqual([
    { setting: 'MONGODB_URL', reason: 'is set, and MONGODB_URL_FILE too: only one may be' },
  ]);
});

test('only secrets are read from files', () => {
  const env = { ...good, BACK_ENDS_WITHOUT_TLS_FILE: path.join(dir, 'none') };
  const { backEndsWithoutTls } = readConfig(
    { ...settings, backEndsWithoutTls: commonSettings.backEndsWithoutTls },
    env,
  );
  expect(backEndsWithoutTls).toBe(false);
});
