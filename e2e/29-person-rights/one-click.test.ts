import type { StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';
import { headerOf, readMaildir } from '../kit/maildir.ts';

const { description, demo } = commonStack();
const reader = 'one.click.reader@example.net';
const oneClick = 'X-MySMTP-Unsubscribe: one-click\r\n';

/** Submits a message to these recipients; returns its id and the reply. */
async function send(to: readonly string[], fields = '', of: StackDescription = description()) {
  const { from } = of.credential;
  const { id, message } = testMessage(from, to, 500);
  const session = await openSession(of);
  const answer = await session.submit(from, to, `${fields}${message}`);
  session.quit();
  return { id, answer };
}

const arrived = (id: string) =>
  eventually(async () => {
    const found = (await readMaildir(demo().mx.maildir)).find((mail) => mail.id === id);
    if (found === undefined) throw new Error('It has not arrived yet');
    return found;
  });

const suppressions = async () => {
  const url = `${description().api.delivery}/v1/suppressions/search`;
  const { body } = await call(url, description().tenant.ownerToken, { body: { address: reader } });
  return (body as { suppressions: { id: string; ground: string; consequence: string }[] })
    .suppressions;
};

const newest = async () => (await usageLog(description(), { recipient: reader }))[0];

test('one click objects at once, for this customer only, until the customer removes it', async () => {
  const several = await send([reader, 'other@example.net'], oneClick);
  expect(several.answer.code).toBe(554);
  const { id, answer } = await send([reader], oneClick);
  expect(answer.code).toBe(250);
  const { head } = await arrived(id);
  expect(headerOf(head, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
  expect(headerOf(head, 'X-MySMTP-Unsubscribe')).toBeUndefined();
  const [, link = ''] = /^<(.+)>$/.exec(headerOf(head, 'List-Unsubscribe') ?? '') ?? [];
  expect(link).toMatch(/^https:\/\/privacy\.localhost\.example\.org\/v1\/unsubscribe\//);
  const [, token = ''] = link.split('/unsubscribe/');
  const clear = [token, Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('latin1')];
  for (const text of clear) expect(text).not.toMatch(/reader|example/i);

  const page = `${description().api.privacy}/v1/unsubscribe/${token}`;
  const shown = await fetch(page, { headers: { accept: 'text/html', 'accept-language': 'de' } });
  const html = await shown.text();
  expect(shown.headers.get('content-security-policy')).toContain("form-action 'self'");
  expect(html).toContain('<form method="post">');
  expect(html).not.toMatch(/<script|src=/i);
  // A mail system that only looks at the link objects to nothing.
  expect(await suppressions()).toEqual([]);

  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  const clicked = performance.now();
  expect((await fetch(page, { method: 'POST', body: form })).status).toBe(200);
  await eventually(async () => expect(await suppressions()).toHaveLength(1), { every: 20 });
  expect(performance.now() - clicked).toBeLessThan(1_000);

  expect((await send([reader])).answer.code).toBe(250);
  await eventually(async () =>
    expect(await newest()).toMatchObject({
      status: 'bounced',
      attempts: [
        {
          site: null,
          enhancedCode: '5.7.1',
          reply: '550 5.7.1 The addressee has objected to mail from this sender',
        },
      ],
    }),
  );
  const foreign = await send([reader], '', demo());
  await arrived(foreign.id);

  // The customer sees the objection in its list of requests.
  // It is completed once every process has answered.
  await eventually(async () => {
    const listed = await call(
      `${description().api.privacy}/v1/requests?state=completed`,
      description().tenant.ownerToken,
    );
    expect((listed.body as { requests: object[] }).requests).toContainEqual(
      expect.objectContaining({ kind: 'objection', channel: 'one-click' }),
    );
  });

  const [suppression] = await suppressions();
  expect(suppression).toMatchObject({ ground: 'objection' });
  const at = `${description().api.delivery}/v1/suppressions/${suppression?.id ?? ''}`;
  const remove = (query: string) =>
    call(`${at}${query}`, description().tenant.ownerToken, { method: 'DELETE' });
  expect((await remove('')).status).toBe(400);
  expect((await remove('?confirm=send-again')).status).toBe(204);
  const again = await send([reader]);
  await arrived(again.id);

  // As a form of a page sends it.
  const fields = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  expect((await fetch(page, { method: 'POST', body: fields })).status).toBe(200);
  await eventually(async () => expect(await suppressions()).toHaveLength(1));
});

test('a link that is not ours is unknown, and says nothing about the customer', async () => {
  const { api, tenant } = description();
  const answers = await Promise.all(
    [`${tenant.id}.AAAA`, tenant.id, 'unknown-tenant.AAAA'].map(async (token) => {
      const url = `${api.privacy}/v1/unsubscribe/${token}`;
      return { status: (await fetch(url)).status };
    }),
  );
  expect(answers).toEqual([{ status: 404 }, { status: 404 }, { status: 404 }]);
});
