import { describe, expect, test } from 'vitest';
import { host } from '../../helpers/in-process-host.ts';

const pages = {
  page: async () => '<!doctype html><title>page</title>',
  view: async () => '<!doctype html><title>view</title>',
};

describe('a browser', () => {
  test('gets the page and the view, which nobody else may frame or keep', async () => {
    const { url } = await host({ pages });

    for (const [path, title, policy] of [
      ['/', 'page', "frame-ancestors 'none'"],
      ['/view', 'view', "sandbox allow-scripts; frame-ancestors 'self'"],
    ] as const) {
      const response = await fetch(url + path);

      expect(await response.text()).toContain(`<title>${title}</title>`);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'text/html; charset=UTF-8',
        'content-security-policy': policy,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  test('gets none where there is none', async () => {
    const { url } = await host();

    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/view`)).status).toBe(404);
  });

  test.each(['POST', 'DELETE'])('cannot %s to it', async (method) => {
    const { url } = await host({ pages });

    expect((await fetch(`${url}/`, { method })).status).toBe(404);
  });

  test('on a page of another site gets nothing', async () => {
    const { url } = await host({ pages });
    const { hostname, port } = new URL(url);

    const response = await fetch(`http://${hostname}:${port}/`, { headers: { origin: 'https://evil.example' } });

    expect(response.status).toBe(403);
  });
});
