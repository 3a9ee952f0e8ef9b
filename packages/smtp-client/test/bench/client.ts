import { connect, openSession, type Envelope, type NextMessage } from '../../src/index.ts';

/**
 * The client alone: several sessions send messages of one size to a server at this port of the machine.
 * `npm run bench -- stages` starts the server and this program. Prints a line of JSON for each round.
 */
const [port = '', messages = '0', octets = '0', rounds = '0', sessions = '0'] =
  process.argv.slice(2);
const count = Number(messages);
const header = 'From: <hello@demo.example.org>\r\nSubject: benchmark\r\n\r\n';
const body = `${'X'.repeat(62)}\r\n`.repeat(Math.max(Math.round(Number(octets) / 64), 1));
const content = Buffer.from(header + body);
const envelope: Envelope = {
  reversePath: 'hello@demo.example.org',
  recipients: [{ address: 'someone@example.net' }],
  size: content.length,
  smtpUtf8: false,
  eightBit: false,
};

const open = async () =>
  openSession({
    socket: await connect({ address: '127.0.0.1', port: Number(port) }),
    name: 'relay.example.net',
    tls: { use: 'never', because: 'policy' },
  });
const opened = await Promise.all(Array.from({ length: Number(sessions) }, open));

/** As delivery does while mail waits: the next message begins before the reply to the one before. */
async function sendAll(): Promise<void> {
  let left = count;
  async function send(session: (typeof opened)[number]): Promise<void> {
    if (left <= 0) return;
    left -= 1;
    let following: Promise<void> | undefined;
    const next: NextMessage = {
      isWaiting: () => left > 0,
      begin: () => {
        following = send(session);
      },
    };
    const { recipients } = await session.send(envelope, content, { next });
    if (recipients[0]?.outcome !== 'accepted') throw new Error('The server refused the message');
    await (following ?? send(session));
  }
  await Promise.all(opened.map(send));
}

for (let round = 0; round <= Number(rounds); round += 1) {
  const began = performance.now();
  const cpu = process.cpuUsage();
  await sendAll();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1_000;
  const result = { stage: 'client', messages: count, seconds, cpu: (user + system) / count };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
await Promise.all(opened.map((session) => session.close()));
