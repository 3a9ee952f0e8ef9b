import path from 'node:path';
import type { StackDescription } from './description.ts';
import { swaksCommand } from './first-mail.ts';

/** The text for the user after a start. */
export function summary(description: StackDescription, dir: string, standIn: boolean): string {
  const { smtp, credential, api, mx, tenant } = description;
  const swaks = swaksCommand({ ...smtp, ...credential, port: smtp.starttlsPort });
  const curl = `curl -s -H 'Authorization: Bearer ${tenant.ownerToken}' ${api.logging}/v1/messages`;
  const network =
    smtp.networkPort === null ? '' : `, ${String(smtp.networkPort)} (your network, no AUTH)`;
  return `
mySMTP is running.

  Submission   ${smtp.host}, ports ${String(smtp.starttlsPort)} (STARTTLS), ${String(smtp.tlsPort)} (TLS)${network}
  User name    ${credential.username}
  Password     ${credential.password}
  From         any address of ${tenant.domain}

  Send the first mail (Debian: apt-get install swaks libnet-ssleay-perl):

    ${swaks.join('\n    ')}

  See it arrive       ${mx.webUrl}
  See what happened   ${curl}

  Logs ${description.logDir} · description for scripts ${path.join(dir, 'stack.json')}
  Broker ${description.rabbitmq.product} · database ${description.mongodb.product}
${standIn ? '\n  The database is a local stand-in for MongoDB: for development and tests, never for production.\n' : ''}
  Ctrl-C stops everything; the next start finds all data again.
`;
}
