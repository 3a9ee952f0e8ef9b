import { afterAll } from 'vitest';
import type { Session } from '../../src/index.ts';
import { open } from '../client.ts';
import {
  startScriptedServer,
  type Script,
  type ScriptedServer,
} from '@mysmtp/test-kit/scripted-server';

const servers: ScriptedServer[] = [];
const sessions: Session[] = [];
// Not after each test, because concurrent tests share the lists.
afterAll(() => {
  for (const session of sessions.splice(0)) session.break();
  for (const server of servers.splice(0)) server.close();
});

/** It and the sessions are closed after the tests of the file. */
export async function start(
  script: Script,
  extensions: readonly string[] = [],
): Promise<ScriptedServer> {
  const server = await startScriptedServer(script, { extensions });
  servers.push(server);
  return server;
}

export async function opened(...args: Parameters<typeof open>): Promise<Session> {
  const session = await open(...args);
  sessions.push(session);
  return session;
}
