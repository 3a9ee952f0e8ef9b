import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@mysmtp/test-kit';
import { createTransport } from 'nodemailer';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { commonStack } from '../kit/common-stack.ts';
import { installDebian } from '../kit/install.ts';
import { readMaildir } from '../kit/maildir.ts';
import { run } from '../kit/run.ts';

const { description } = commonStack();

beforeAll(() =>
  installDebian({
    swaks: 'command -v swaks',
    // swaks uses it for TLS.
    'libnet-ssleay-perl': 'perl -MNet::SSLeay -e 1',
    curl: 'command -v curl',
    msmtp: 'command -v msmtp',
    python3: 'command -v python3',
  }),
);

const recipient = () => `reader-${randomUUID()}@example.net`;

const body = 'Good morning.\r\n.A dot.\r\n';

function text(from: string, to: string, id: string): string {
  return `From: <${from}>\r\nTo: <${to}>\r\nSubject: hello\r\nX-Test-Id: ${id}\r\n\r\n${body}`;
}

async function arrival(to: string) {
  return eventually(async () => {
    const copies = (await readMaildir(description().mx.maildir)).filter(({ deliveredTo }) =>
      deliveredTo.includes(to),
    );
    expect(copies).toHaveLength(1);
    return copies[0]!;
  });
}

const swaksTls = () => ['--tls-verify', '--tls-ca-path', description().smtp.caFile];
const swaksAuth = () => [
  '--auth-user',
  description().credential.username,
  '--auth-password',
  description().credential.password,
];

test.each([
  ['STARTTLS and AUTH PLAIN', 'PLAIN', ['--tls'], 'starttlsPort'],
  ['STARTTLS and AUTH LOGIN', 'LOGIN', ['--tls'], 'starttlsPort'],
  ['implicit TLS and AUTH PLAIN', 'PLAIN', ['--tlsc'], 'tlsPort'],
] as const)('swaks with %s', async (_name, mechanism, tls, port) => {
  const { smtp, credential } = description();
  const to = recipient();
  const sent = await run('swaks', [
    '--server',
    smtp.host,
    '--port',
    String(smtp[port]),
    ...tls,
    ...swaksTls(),
    ...swaksAuth(),
    '--auth',
    mechanism,
    '--from',
    credential.from,
    '--to',
    to,
    '--body',
    'Good morning.',
  ]);
  expect(sent.output).toMatch(/250 2\.\d\.0 .*[\da-f]{8}-[\da-f]{4}-7/);
  expect(sent.code).toBe(0);
  const mail = await arrival(to);
  expect(mail.body.toString()).toContain('Good morning.');
  expect(mail.returnPath).toBe(`<${credential.from}>`);
});

test('curl', async () => {
  const { smtp, credential } = description();
  const to = recipient();
  const id = randomUUID();
  const sent = await run(
    'curl',
    [
      '-sS',
      '--ssl-reqd',
      '--cacert',
      smtp.caFile,
      `smtp://localhost:${String(smtp.starttlsPort)}`,
      '--user',
      `${credential.username}:${credential.password}`,
      '--mail-from',
      credential.from,
      '--mail-rcpt',
      to,
      '-T',
      '-',
    ],
    { input: text(credential.from, to, id) },
  );
  expect(sent).toMatchObject({ code: 0 });
  const mail = await arrival(to);
  expect(mail.id).toBe(id);
  expect(mail.body.toString()).toBe(body);
});

test('msmtp', async () => {
  const { smtp, credential, logDir } = description();
  const to = recipient();
  const id = randomUUID();
  const config = path.join(logDir, '..', 'msmtprc');
  const lines = [
    'account default',
    'host localhost',
    `port ${String(smtp.tlsPort)}`,
    'tls on',
    'tls_starttls off',
    `tls_trust_file ${smtp.caFile}`,
    'auth plain',
    `user ${credential.username}`,
    `password ${credential.password}`,
    `from ${credential.from}`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const sent = await run('msmtp', ['-C', config, to], {
    input: text(credential.from, to, id).replaceAll('\r\n', '\n'),
  });
  expect(sent).toMatchObject({ code: 0 });
  const mail = await arrival(to);
  expect(mail.id).toBe(id);
  expect(mail.body.toString()).toBe(body);
});

test("Python's smtplib, with two recipients", async () => {
  const { smtp, credential } = description();
  const to = [recipient(), recipient()];
  const id = randomUUID();
  const script = `
import smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
with smtplib.SMTP('localhost', int(sys.argv[2])) as client:
    client.starttls(context=context)
    client.login(sys.argv[3], sys.argv[4])
    refused = client.sendmail(sys.argv[5], sys.argv[6:], sys.stdin.read())
    assert refused == {}, refused
`;
  const sent = await run(
    'python3',
    [
      '-c',
      script,
      smtp.caFile,
      String(smtp.starttlsPort),
      credential.username,
      credential.password,
      credential.from,
      ...to,
    ],
    { input: text(credential.from, to.join(', '), id).replaceAll('\r\n', '\n') },
  );
  expect(sent).toMatchObject({ code: 0 });
  for (const one of to) {
    const mail = await arrival(one);
    expect(mail.id).toBe(id);
    expect(mail.body.toString()).toBe(body);
  }
});

test('nodemailer, and no recipient sees the Bcc', async () => {
  const { smtp, credential } = description();
  const [to, hidden] = [recipient(), recipient()];
  const transport = createTransport({
    host: 'localhost',
    port: smtp.starttlsPort,
    requireTLS: true,
    auth: { user: credential.username, pass: credential.password },
    tls: { ca: readFileSync(smtp.caFile) },
  });
  const info = await transport.sendMail({
    from: { name: 'Hello', address: credential.from },
    to,
    bcc: hidden,
    subject: 'Grüße',
    text: 'Good morning, müde?',
    html: '<p>Good morning</p>',
    attachments: [{ filename: 'a.bin', content: Buffer.alloc(3_000, 7) }],
  });
  transport.close();
  expect(info.response).toMatch(/^250 /);
  for (const one of [to, hidden]) {
    const mail = await arrival(one);
    // The Maildir adds the first two lines.
    expect(mail.head.split('\r\n').slice(2).join('\n')).not.toContain(hidden);
    expect(mail.head).toMatch(/^Received: /m);
    expect(mail.body.toString()).toContain('\r\n\r\nGood morning, m=C3=BCde?\r\n');
  }
});
