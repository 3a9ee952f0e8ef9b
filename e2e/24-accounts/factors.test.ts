import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../kit/api.ts';
import { startBrowser, type Browser } from '../kit/browser.ts';
import { commonStack } from '../kit/common-stack.ts';
import { installDebian } from '../kit/install.ts';
import { run } from '../kit/run.ts';
import { peopleOf, type Session } from './people.ts';

const { description } = commonStack();
const { post, signUp, signIn, finish } = peopleOf(description);

/** CONSOLE_URL of the local stack. */
const ours = 'http://localhost';
/** The same relying party: a browser lets it use the passkey, and identity refuses it. */
const sameHost = 'http://localhost:8443';
/** Another relying party: the browser refuses. */
const otherHost = 'http://127.0.0.1:8444';

const opened = new AsyncDisposableStack();
let browser: Browser;

beforeAll(async () => {
  await installDebian({ oathtool: 'command -v oathtool' });
  const hosts = ['localhost:80', 'localhost:8443', '127.0.0.1:8444'];
  browser = opened.use(await startBrowser(hosts));
});
afterAll(() => opened.disposeAsync());

async function reads(token: string): Promise<number> {
  return (await call(`${description().api.identity}/v1/account`, token)).status;
}

test('a passkey of a browser is the second factor, only for our origin and once (ASVS 6.7.2)', async () => {
  const person = await signUp();
  const enrol = async () => {
    const begun = await post<{ challenge: string; options: object }>(
      'account/passkeys',
      undefined,
      person.enrolling,
    );
    expect(begun.status).toBe(201);
    return begun.body;
  };
  const finishEnrolling = (challenge: string, passkey: unknown) =>
    post<{ session: Session }>(
      'account/passkeys/finish',
      { challenge, passkey, label: 'Laptop' },
      person.enrolling,
    );

  // A page at another port of the same host, and at another host.
  await browser.visit(sameHost);
  const stolen = await enrol();
  const foreign = await browser.createPasskey(stolen.options);
  expect((await finishEnrolling(stolen.challenge, foreign)).status).toBe(422);
  await browser.visit(otherHost);
  await expect(browser.createPasskey((await enrol()).options)).rejects.toThrow('SecurityError');

  await browser.visit(ours);
  const { challenge, options } = await enrol();
  const made = await finishEnrolling(challenge, await browser.createPasskey(options));
  expect(made.status).toBe(200);
  expect(await reads(made.body.session.token)).toBe(200);

  const begun = await signIn(person);
  expect(begun.factors).toContain('passkey');
  const answer = { passkey: await browser.usePasskey(begun.passkey) };
  const session = await finish(begun.challenge, answer);
  expect(session.status).toBe(201);
  expect(await reads(session.body.token)).toBe(200);

  // The same answer again, and for another sign-in.
  expect((await finish(begun.challenge, answer)).status).toBe(422);
  expect((await finish((await signIn(person)).challenge, answer)).status).toBe(422);

  await browser.visit(sameHost);
  const phished = await signIn(person);
  const used = { passkey: await browser.usePasskey(phished.passkey) };
  expect((await finish(phished.challenge, used)).status).toBe(422);
  await browser.visit(otherHost);
  await expect(browser.usePasskey(phished.passkey)).rejects.toThrow('SecurityError');
});

test('codes of oathtool are the second factor, each once (ASVS 6.5.1)', async () => {
  const person = await signUp();
  const setup = await post<{ secret: string; challenge: string }>(
    'account/totp',
    undefined,
    person.enrolling,
  );
  // Codes of two time steps in the same step: the older one is accepted until this step ends.
  await eventually(() => expect(Date.now() % 30_000).toBeLessThan(25_000));
  const codeAt = async (now: string) => {
    const { output } = await run('oathtool', ['--totp', '-b', '--now', now, setup.body.secret]);
    return output.trim();
  };
  const enrolled = await post<{ session: Session }>(
    'account/totp/finish',
    { challenge: setup.body.challenge, code: await codeAt('30 seconds ago') },
    person.enrolling,
  );
  expect(enrolled.status).toBe(200);

  const code = await codeAt('now');
  const two = [await signIn(person), await signIn(person)];
  const answers = await Promise.all(two.map(({ challenge }) => finish(challenge, { code })));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 422]);
  const again = await signIn(person);
  expect((await finish(again.challenge, { code })).status).toBe(422);
});
