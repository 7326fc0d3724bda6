// A proxy that leads each CONNECT to one port of this machine, which is its argument.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const [port = ''] = process.argv.slice(2);
const server = createServer().on('connect', (_, socket) => {
  const onward = connect(Number(port), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  for (const side of [socket, onward]) side.on('error', () => side.destroy());
  socket.pipe(onward).pipe(socket);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
