import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient } from '@mysmtp/client';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { pythonWith, runCommand } from '@mysmtp/tooling';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scenarioStack } from '../kit/stack.ts';
import { fromManyNetworks } from './client-networks.ts';

const { description } = scenarioStack();

const all = process.env['MYSMTP_ALL'] !== undefined;
const minute = 60_000;

let python: string;
/** The folder of the tester's notes. */
let dir: string;
afterAll(() => rm(dir, { recursive: true, force: true }));
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-contract-'));
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const found = await pythonWith(
    {
      folder: 'schemathesis',
      product: 'schemathesis',
      requirementsFile: path.join(import.meta.dirname, 'requirements.txt'),
    },
    {
      progress,
      step: (text, work) => {
        progress(text);
        return work();
      },
      signal: new AbortController().signal,
    },
  );
  if ('reason' in found) throw new Error(`No schemathesis: ${found.reason}`);
  python = found.command;
}, 5 * minute);

type Role = 'owner' | 'operator';

/** The token that most routes of a service accept; the others refuse it. */
const mainRole: Readonly<Record<ServiceName, Role>> = {
  ingress: 'operator',
  delivery: 'owner',
  logging: 'owner',
  identity: 'operator',
  privacy: 'operator',
};

const phases = all ? 'examples,coverage,fuzzing,stateful' : 'examples,fuzzing';

/**
 * Below the budget of requests without a token (600 a minute): above it each answer is 429, which tests
 * nothing of the route.
 */
const pace = '550/m';

/**
 * The whole output of the tester, if it finds anything. It checks on a new connection that a wrong token gets
 * 401. All services count the wrong tokens, links and passwords of a client network together, and all runs of
 * the tester send many. From one network they would get 429 instead, which tests nothing of the route.
 */
async function complaints(service: ServiceName, role: Role): Promise<string> {
  const { api, tenant, operator } = description();
  const url = await fromManyNetworks(api[service]);
  const config = path.join(import.meta.dirname, 'schemathesis.toml');
  const tester = `"$0" -m schemathesis.cli --no-color --config-file "$1" run "$2" --phases "$3" --max-examples "$4" --rate-limit "$5"`;
  const outcome = await runCommand(
    'sh',
    [
      // Its findings are on its standard output.
      '-c',
      `${tester} 2>&1 || echo "exit code $?"`,
      python,
      config,
      `${url}/openapi.json`,
      phases,
      all ? '100' : '8',
      pace,
    ],
    {
      timeout: all ? 20 * minute : 4 * minute,
      cwd: dir,
      env: { TOKEN: role === 'owner' ? tenant.ownerToken : operator.token },
    },
  );
  if ('failure' in outcome) return outcome.failure;
  return outcome.output.includes('exit code') ? outcome.output : '';
}

test('the client registers a customer, and the customer gets its domain and its log', async () => {
  const { api: urls, operator } = description();
  const { identity } = createClient({ token: operator.token, urls });
  const body = { name: 'Typed', domain: 'typed.example' };
  const { data } = await identity.POST('/v1/tenants', { body });
  const token = data?.ownerToken ?? '';
  const owner = createClient({ token, urls });
  expect((await owner.identity.GET('/v1/domains')).data?.domains).toMatchObject([
    { name: 'typed.example', signing: 'ours' },
  ]);
  // Logging gets the token a moment later.
  await eventually(async () => {
    const page = await owner.logging.GET('/v1/messages', { params: { query: { limit: 5 } } });
    expect(page.data).toEqual({ messages: [], next: null });
  });
  const refused = await owner.privacy.GET('/v1/erasures');
  expect(refused.error).toMatchObject({ status: 404, type: 'urn:mysmtp:problem:not-found' });
});

/** With `--all` also the token that the routes refuse. */
const runs = serviceNames.flatMap((service) =>
  (all ? (['owner', 'operator'] as const) : [mainRole[service]]).map(
    (role): [ServiceName, Role] => [service, role],
  ),
);

// At once: most of the time is the pace of the requests, and each service has its own budget.
test.concurrent.each(runs)(
  'every answer of %s to an %s matches its document',
  { timeout: all ? 20 * minute : 4 * minute },
  async (service, role) => {
    expect(await complaints(service, role)).toBe('');
  },
);
