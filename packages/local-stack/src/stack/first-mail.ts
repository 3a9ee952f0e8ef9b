/** The sender domain of the first tenant (RFC 2606). */
export const demoDomain = 'demo.example.org';

export interface Submission {
  readonly host: string;
  readonly port: number;
  readonly caFile: string;
  readonly username: string;
  readonly password: string;
  readonly from: string;
}

/** The command that sends a first mail, with line continuations of the shell. */
export function swaksCommand(submission: Submission): string[] {
  const { host, port, caFile, username, password, from } = submission;
  return [
    `swaks --server ${host} --port ${String(port)} --tls --tls-verify \\`,
    `  --tls-ca-path ${shellWord(caFile)} \\`,
    `  --auth-user ${username} --auth-password ${password} \\`,
    `  --from ${from} --to someone@example.net`,
  ];
}

/** A path may contain spaces. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
