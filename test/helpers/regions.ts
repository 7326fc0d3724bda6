import type { Fetch } from '../../src/api/client.ts';
import { createSandbox } from '../../src/sandbox/index.ts';

export const V1_HOST = 'api.ionos.com';
export const isIn = (host: string, region: string) => host === `postgresql.${region}.ionos.com`;

type Instead = (host: string, url: URL, signal: AbortSignal) => Response | Promise<Response> | undefined;

/** The sandbox, but for what `instead` answers; it gets the host and the path. */
export function played(instead: Instead) {
  const sandbox = createSandbox();
  const fetch: Fetch = async (request, init) => {
    const url = new URL(request.url);
    return (await instead(url.hostname, url, init.signal)) ?? sandbox.fetch(new Request(request, init));
  };
  return { sandbox, fetch };
}

export const refused = (status: number) => Response.json({ httpStatus: status, messages: [] }, { status });
