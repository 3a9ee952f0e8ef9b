import { eventually } from '@mysmtp/test-kit';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { createFinder } from '../09-tenant-erased/find.ts';
import { password, peopleOf, type Enrolled, type Session } from '../24-accounts/people.ts';
import { call } from '../kit/api.ts';
import { commonStack } from '../kit/common-stack.ts';

const { description } = commonStack();
const { post, secretFor, signUp, enrol, signIn, finish } = peopleOf(description);

const api = (service: 'identity' | 'logging' | 'privacy', path: string) =>
  `${description().api[service]}/v1/${path}`;

interface Member extends Enrolled {
  readonly tenant: string;
  readonly address: string;
  readonly id: string;
  /** Of the link, and of the session that could only enrol. */
  readonly secrets: readonly string[];
}

const idOf = async (token: string) =>
  ((await call(api('identity', 'account'), token)).body as { id: string }).id;

/** Somebody whom the owner invites. */
async function join(tenant: string, owner: string, address: string, role: string): Promise<Member> {
  expect((await post('invitations', { address, role }, owner)).status).toBe(201);
  const secret = await secretFor(address, 'You are invited to an account');
  const { status, body } = await post<Session>('invitations/accept', {
    secret,
    password,
    device: 'Chromium',
  });
  expect(status).toBe(201);
  const enrolled = await enrol(body.token);
  const id = await idOf(enrolled.token);
  return { ...enrolled, tenant, address, id, secrets: [secret, body.token] };
}

/** Signs in with password and second factor: a session that may do what is sensitive. */
async function session({ tenant, address, recoveryCodes }: Member): Promise<string> {
  const begun = await signIn({ tenant, address });
  const signedIn = await finish(begun.challenge, { recoveryCode: recoveryCodes.shift() });
  expect(signedIn.status).toBe(201);
  return signedIn.body.token;
}

/** An API key and an SMTP credential. */
async function make(token: string, of: string) {
  const key = await post<{ id: string; token: string }>(
    'tokens',
    { label: `Key of ${of}`, scopes: ['messages:read'] },
    token,
  );
  const credential = await post<{ id: string; password: string }>(
    'credentials',
    { label: `Printer of ${of}` },
    token,
  );
  expect([key.status, credential.status]).toEqual([201, 201]);
  return { key: key.body, credential: credential.body };
}

/** Consents to the text of the only purpose. */
async function consent(token: string): Promise<string> {
  const { body } = await call(api('privacy', 'consents'), token);
  const [{ purpose, texts }] = (
    body as { consents: [{ purpose: string; texts: [{ sha256: string }] }] }
  ).consents;
  const [{ sha256 }] = texts;
  const given = await call(api('privacy', `consents/${purpose}`), token, {
    method: 'PUT',
    body: { sha256 },
  });
  expect(given.status).toBe(204);
  return sha256;
}

/** The audit entries of a tenant about acts of a person. */
async function actsOf(person: string, owner: string): Promise<string[]> {
  const { body } = await call(api('logging', 'audit/entries?limit=1000'), owner);
  return (body as { entries: { payload: string | null }[] }).entries.flatMap(({ payload }) => {
    const { actor, operation } = JSON.parse(payload ?? '{"actor":{}}') as {
      actor: { id?: string };
      operation: string | null;
    };
    return actor.id === person && operation !== null ? [operation] : [];
  });
}

async function download(request: string, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(api('privacy', `requests/${request}/download`), { headers });
  return { status: response.status, octets: new Uint8Array(await response.arrayBuffer()) };
}

type Data = Readonly<Record<string, readonly Record<string, unknown>[]>>;

test('Access (15), A: a person who is signed in downloads the own data, and nobody else does', async () => {
  const [first, foreigner] = await Promise.all([signUp(), signUp()]);
  const { tenant, address } = first;
  const [owner, stranger] = await Promise.all([enrol(first.enrolling), enrol(foreigner.enrolling)]);
  const [person, officer] = await Promise.all([
    join(tenant, owner.token, `dev-${address}`, 'developer'),
    join(tenant, owner.token, `dpo-${address}`, 'dpo'),
  ]);
  const token = await session(person);
  const own = await make(token, 'the person');
  const others = await make(owner.token, 'the owner');
  const ownersKey = await post<{ token: string }>('tokens', { label: 'All' }, owner.token);
  const text = await consent(token);
  await consent(officer.token);
  await eventually(async () =>
    expect(await actsOf(person.id, owner.token)).toEqual(
      expect.arrayContaining(['createToken', 'createCredential']),
    ),
  );

  const asked = await call(api('privacy', 'requests'), token, { body: { kind: 'access' } });
  expect(asked.status).toBe(202);
  const [{ id: request }] = (asked.body as { requests: [{ id: string }] }).requests;
  await eventually(
    async () => {
      const { body } = await call(api('privacy', `requests/${request}`), token);
      expect(body).toMatchObject({ channel: 'account', state: 'completed', waitingFor: [] });
    },
    { timeout: 30_000 },
  );
  for (const [who, theirs] of Object.entries({
    'key of the owner': ownersKey.body.token,
    owner: owner.token,
    officer: await session(officer),
    stranger: stranger.token,
    'key of the person': own.key.token,
    operator: description().operator.token,
  })) {
    expect([who, (await download(request, theirs)).status]).toEqual([who, 404]);
  }

  const { status, octets } = await download(request, token);
  expect(status).toBe(200);
  const files = unzipSync(octets);
  const copy = JSON.parse(strFromU8(files['export.json']!)) as { data: Data };
  expect(copy).toMatchObject({ request, address: person.address, masked: true, account: true });
  const { data } = copy;
  const known = { id: person.id, email: person.address, role: 'developer' };
  // One of the ten recovery codes was used to sign in.
  const factors = { factors: [{ kind: 'totp' }], recoveryCodes: 9 };
  expect(data['identity.people']).toMatchObject([{ ...known, ...factors }]);
  // That of the enrolment, and that of the sign-in.
  const devices = data['identity.sessions']?.map(({ device }) => device);
  expect(devices).toEqual(['Chromium', 'Chromium']);
  expect(data['identity.tokens']).toMatchObject([{ id: own.key.id, name: 'Key of the person' }]);
  expect(data['identity.credentials']).toMatchObject([
    { id: own.credential.id, label: 'Printer of the person' },
  ]);
  expect(data['privacy.consents']).toMatchObject([{ given: true, text }]);
  const acts = data['logging.auditEntries']?.map(({ operation }) => operation);
  expect(acts).toEqual(expect.arrayContaining(['createToken', 'createCredential']));

  const secrets = [
    password,
    token,
    own.key.token,
    own.credential.password,
    others.credential.password,
    person.token,
    person.seed,
    ...person.secrets,
    ...person.recoveryCodes,
    owner.token,
    ownersKey.body.token,
    officer.token,
  ];
  const find = createFinder(secrets);
  expect(find(Buffer.from(token))).not.toEqual([]);
  for (const [name, content] of Object.entries(files)) {
    expect([name, find(Buffer.from(content))]).toEqual([name, []]);
    expect(strFromU8(content)).not.toMatch(/\$argon2|\$scrypt/);
  }
}, 60_000);
