import { connect, createServer, type AddressInfo, type Server } from 'node:net';

/** Lets `address` lead to a server that listens on this machine's loopback alone. Gives the port. */
export async function forward(address: string, port: number): Promise<number> {
  const server = createServer((socket) => {
    const onward = connect(port, '127.0.0.1');
    for (const end of [socket, onward]) {
      end.on('error', () => end.destroy());
      end.on('close', () => {
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  await listening(server, address);
  return (server.address() as AddressInfo).port;
}

const listening = (server: Server, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
