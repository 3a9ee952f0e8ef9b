import {
  connect,
  openSession,
  rfcTimeouts,
  type Envelope,
  type Session,
  type SessionOptions,
  type Timeouts,
} from '../src/index.ts';

/** Long enough for a slow machine: only tests of timeouts wait for one of them. */
export const patient: Timeouts = {
  ...rfcTimeouts,
  ...(Object.fromEntries(
    Object.keys(rfcTimeouts).map((stage) => [stage, 20_000]),
  ) as unknown as Timeouts),
};

export async function open(
  port: number,
  options: Partial<SessionOptions> & { readonly address?: string } = {},
): Promise<Session> {
  const socket = await connect({ address: options.address ?? '127.0.0.1', port });
  return openSession({
    socket,
    name: 'relay.example.net',
    tls: { use: 'never', because: 'policy' },
    timeouts: patient,
    ...options,
  });
}

export const message = Buffer.from('Subject: hello\r\n\r\n.hello\r\n');

export const envelope = (...recipients: string[]): Envelope => ({
  reversePath: 'sender@example.net',
  recipients: recipients.map((address) => ({ address })),
  size: message.length,
  smtpUtf8: false,
  eightBit: false,
});
