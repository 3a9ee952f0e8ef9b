import { randomUUID } from 'node:crypto';
import type { ApiDefinition } from '@mysmtp/api';
import { Id, isFinal, MessageEvents, queues, readContent } from '@mysmtp/contracts';
import { openErasureParticipant } from '@mysmtp/erasure';
import { openApi, problems, serve } from '@mysmtp/http';
import { keyIdOf, openJson, sealJson } from '@mysmtp/seal';
import { openCollection, type ServiceContext } from '@mysmtp/service';
import { connectService, consume } from '@mysmtp/tenancy';
import { Schema } from 'mongoose';
import { z } from 'zod';
import type { LoggingConfig } from '../src/config.ts';

const access = { permission: 'messages:read', ofTenant: true } as const;
const params = z.strictObject({ id: Id });
const Note = z.strictObject({ id: Id, text: z.string() });
const body = z.strictObject({ text: z.string().max(200) });
const one = {
  path: '/v1/notes/{id}',
  summary: 'A note',
  access,
  params,
  errors: ['not-found'],
} as const;
const all = { path: '/v1/notes', summary: 'Notes', access } as const;
const notesApi = {
  listNotes: { ...all, method: 'get', replies: { 200: z.strictObject({ ids: z.array(Id) }) } },
  createNote: { ...all, method: 'post', body, replies: { 201: Note } },
  readNote: { ...one, method: 'get', replies: { 200: Note } },
  deleteNote: { ...one, method: 'delete', replies: { 204: 'empty' } },
  countMail: {
    ...all,
    path: '/v1/mail',
    method: 'get',
    replies: { 200: z.strictObject({ count: z.int() }) },
  },
} as const satisfies ApiDefinition;

/**
 * A service in one page: five routes and one consumer, with the common parts of every service. Customers
 * keep notes, which are sealed, and it counts finished mail. It takes the place of logging.
 */
export async function openNotes(context: ServiceContext<LoggingConfig>): Promise<void> {
  const { name: service, config, log, metrics } = context;
  const connected = await connectService(context, {});
  const { database, broker, tenants, projection, tokens, callers, tls } = connected;
  const note = {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    text: { type: Buffer, required: true },
  };
  const notes = database.model('notes', new Schema(note, { versionKey: false }), 'notes');
  await openCollection(notes);
  const counts = new Map<string, number>();
  const sealed = (tenant: string, id: string) => ({ tenant, record: `note:${id}` });

  const participant = await openErasureParticipant(context, {
    ...connected,
    purges: {
      tenant: {
        'logging.messages': async ({ tenant }, count) =>
          count((await notes.deleteMany({ tenant })).deletedCount),
        'logging.statistics': async (_subject, count) => count(0),
        'logging.findings': async (_subject, count) => count(0),
        'logging.retentions': async (_subject, count) => count(0),
        'logging.restrictions': async (_subject, count) => count(0),
        'logging.auditEntries': async (_subject, count) => count(0),
        'logging.identityProjection': async ({ tenant }, count) =>
          count(await projection.forget(tenant)),
      },
    },
  });
  consume(context, broker, {
    queue: queues.loggingMessages,
    prefetch: 20,
    handle: participant.withQueueMarkers(queues.loggingMessages, async ({ content }) => {
      const events = readContent(MessageEvents, content)?.events ?? [];
      const finished = events.filter(({ status }) => isFinal(status));
      for (const { tenant } of finished) counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
      return 'ack';
    }),
  });
  const routes = serve(notesApi)({
    listNotes: async ({ principal: { tenant } }) => {
      const found = await notes.find({ tenant }).lean();
      return { status: 200, body: { ids: found.map(({ _id }) => _id) } };
    },
    createNote: async ({ principal: { tenant }, body: { text } }) => {
      const id = randomUUID();
      await tenants.run(tenant, 'write', async (scope) => {
        const { events: key, eventsId: keyId } = await scope.keys();
        const value = sealJson(key, { ...sealed(tenant, id), keyId }, text);
        await notes.create({ _id: id, tenant, text: value });
      });
      return { status: 201, body: { id, text } };
    },
    readNote: async ({ principal: { tenant }, params: { id } }) => {
      const found = await notes.findOne({ _id: id, tenant });
      if (found === null) throw problems.notFound();
      const keyId = keyIdOf(found.text);
      const key = await tenants.run(tenant, 'read', (scope) => scope.key(keyId));
      return {
        status: 200,
        body: { id, text: z.string().parse(openJson(key, sealed(tenant, id), found.text)) },
      };
    },
    deleteNote: async ({ principal: { tenant }, params: { id } }) => {
      const { deletedCount } = await notes.deleteOne({ _id: id, tenant });
      if (deletedCount === 0) throw problems.notFound();
      return { status: 204 };
    },
    countMail: async ({ principal: { tenant } }) => ({
      status: 200,
      body: { count: counts.get(tenant) ?? 0 },
    }),
  });
  const { bindAddress: address, apiPort: port, internalPort, checkReplies } = config;
  const shared = { tokens, callers, checkReplies, log, metrics };
  const api = { service, address, port, internalPort, tls, routes, ...shared };
  context.manage(await openApi(api), (open) => open.close());
}
