import type { Sandbox } from '../../src/sandbox/index.ts';

/** The API takes the ID of this cluster in either case, with hyphens and without. */
export function takingAnySpelling(sandbox: Sandbox, id: string): void {
  const whole = sandbox.fetch;
  const digits = id.replaceAll('-', '').split('').join('-?');
  sandbox.fetch = async (request) => {
    const url = request.url.replace(new RegExp(digits, 'gi'), id);
    const { method, headers } = request;
    const body = method === 'GET' || method === 'DELETE' ? undefined : await request.text();
    return whole(new Request(url, { method, headers, body }));
  };
}
