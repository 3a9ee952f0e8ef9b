export interface MxSettings {
  readonly bindAddress: string;
  readonly smtpPort: number;
  readonly webPort: number;
  readonly maildir: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** The command line that sends a first mail, shown on the empty page. */
  readonly hint: string | undefined;
}

/** Reads the environment. Throws an error that names every invalid setting. */
export function readMxSettings(env: Readonly<Record<string, string | undefined>>): MxSettings {
  const problems: string[] = [];
  const required = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is required`);
    return value;
  };
  const port = (name: string): number => {
    const text = required(name);
    const value = Number(text);
    if (text !== '' && !(/^\d+$/.test(text) && value >= 1 && value <= 65_535)) {
      problems.push(`${name} must be a port from 1 to 65535`);
    }
    return value;
  };
  const settings: MxSettings = {
    bindAddress: env['BIND_ADDRESS'] || '127.0.0.1',
    smtpPort: port('MX_SMTP_PORT'),
    webPort: port('MX_WEB_PORT'),
    maildir: required('MX_MAILDIR'),
    certFile: required('TLS_CERT_FILE'),
    keyFile: required('TLS_KEY_FILE'),
    hint: env['MX_HINT'] || undefined,
  };
  if (problems.length > 0) throw new Error(problems.join('; '));
  return settings;
}
