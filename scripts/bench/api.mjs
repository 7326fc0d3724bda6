// The API as a load test needs it: it costs next to nothing. Arguments: clusters on a page, milliseconds to an answer,
// and for TLS a file with key and certificate.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [clusters = '1', delay = '0', pem] = process.argv.slice(2);
const cluster = (n) => ({
  type: 'cluster',
  id: `${String(n).padStart(8, '0')}-1c52-4f7e-9a61-2f8d7e5c9041`,
  metadata: { createdDate: '2026-01-05T08:00:00Z', createdBy: 'me@example.com', state: 'AVAILABLE' },
  properties: {
    displayName: `cluster-${n}`,
    postgresVersion: '16',
    location: 'de/txl',
    dnsName: `pg-${n}.postgresql.de-txl.ionos.com`,
    backupLocation: 'eu-central-2',
    instances: 2,
    cores: 4,
    ram: 8192,
    storageSize: 102_400,
    storageType: 'SSD Premium',
    connections: [{ datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2', cidr: '192.168.1.100/24' }],
    maintenanceWindow: { time: '12:15:19', dayOfTheWeek: 'Monday' },
    synchronizationMode: 'ASYNCHRONOUS',
    connectionPooler: { enabled: true, poolMode: 'transaction' },
  },
});
const all = Array.from({ length: Number(clusters) }, (_, n) => cluster(n));

const pages = new Map();
function pageAt(url) {
  const { searchParams } = new URL(url, 'http://api');
  const offset = Number(searchParams.get('offset') ?? 0);
  const limit = Number(searchParams.get('limit') ?? 100);
  const links = offset + limit < all.length ? { next: 'more' } : {};
  return JSON.stringify({ type: 'collection', items: all.slice(offset, offset + limit), offset, limit, links });
}

function answer(request, response) {
  const { url = '' } = request;
  if (!pages.has(url)) pages.set(url, /clusters\?/.test(url) ? pageAt(url) : JSON.stringify(all[0]));
  const body = pages.get(url);
  const send = () =>
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  request.resume();
  if (delay === '0') send();
  else setTimeout(send, Number(delay));
}

const tls = pem && { key: readFileSync(pem), cert: readFileSync(pem) };
const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`http${tls ? 's' : ''}://127.0.0.1:${server.address().port}\n`),
);
