import type { Sandbox } from '../../src/sandbox/index.ts';
import { isFields } from '../../src/text/json.ts';

/** What was sent to change something, and was not refused. */
export interface Write {
  method: string;
  /** Its ID. */
  cluster: string;
  /** Below the cluster, such as users/etl; empty for the cluster itself. */
  part: string;
  body: Record<string, unknown>;
}

/** Stands for a password that the server made up. */
export const GENERATED = '(generated)';

/** The same sandbox, with all writes to it from now on: a change that is undone leaves no other trace. */
export function recordingWrites(
  sandbox: Sandbox,
  isGenerated: (password: string) => boolean,
): { sandbox: Sandbox; writes: readonly Write[] } {
  const writes: Write[] = [];
  const marked = (fields: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => {
        if (isFields(value)) return [key, marked(value)];
        return [key, key === 'password' && typeof value === 'string' && isGenerated(value) ? GENERATED : value];
      }),
    );

  async function fetch(request: Request): Promise<Response> {
    if (request.method === 'GET') return sandbox.fetch(request);
    const sent = fieldsIn(await request.clone().text());
    const response = await sandbox.fetch(request);
    if (!response.ok) return response;
    const [, cluster = '', ...below] = segmentsOf(request);
    const { id } = fieldsIn(await response.clone().text());
    writes.push({
      method: request.method,
      cluster: cluster || String(id),
      part: cluster ? below.join('/') : 'order',
      body: marked(isFields(sent.properties) ? sent.properties : sent),
    });
    return response;
  }
  return { sandbox: { ...sandbox, fetch }, writes };
}

/** From "clusters" on. */
function segmentsOf({ url }: Request): string[] {
  const segments = new URL(url).pathname.split('/').map(decodeURIComponent);
  return segments.slice(segments.lastIndexOf('clusters'));
}

function fieldsIn(text: string): Record<string, unknown> {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return isFields(value) ? value : {};
}
