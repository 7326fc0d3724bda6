import { describe, expect, test } from 'vitest';
import { createApiClient, type Fetch } from '../../../../src/api/client.ts';
import { createV2 } from '../../../../src/api/generations/v2.ts';
import { v2Ordering } from '../../../../src/api/generations/writing/v2.ts';
import { InputError, NoAnswerError } from '../../../../src/errors.ts';

const order = {
  displayName: 'shop',
  instances: 1,
  cores: 2,
  ram: 4096,
  storageSize: 20_480,
  backupLocation: 'mars',
};

interface Caller {
  fetch: Fetch;
  signal?: AbortSignal;
  authorization?: string;
}

/** Orders in a region that answers like this. */
function ordering({ fetch, signal = new AbortController().signal, authorization = 'Bearer x' }: Caller) {
  const client = createApiClient({ apiUrl: 'https://a.example', authorization, userAgent: 'test', fetch });
  const api = client.forCall({ signal, deadline: Date.now() + 45_000 });
  return v2Ordering({ api, reads: createV2(api), signal });
}

const offering =
  (...locations: string[]): Fetch =>
  async () =>
    Response.json({ items: locations.map((location) => ({ properties: { location } })) });

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.fail('nothing has failed'),
    (error: unknown) => error,
  );

describe('backup locations', () => {
  test.each<[string, Fetch]>([
    ['are refused', async () => Response.json({}, { status: 403 })],
    ['are no list', async () => Response.json({ items: 'none' })],
    [
      'do not come',
      async () => {
        throw new TypeError('fetch failed');
      },
    ],
  ])('that %s leave the one that is wanted unchecked', async (_, fetch) => {
    await expect(ordering({ fetch }).complete(order)).resolves.toMatchObject({ backupLocation: 'mars' });
  });

  test('say nothing where the call ends first', async () => {
    const call = new AbortController();
    const { backupLocation: _, ...open } = order;
    const fetch: Fetch = async () => {
      call.abort(new Error('the call was cancelled'));
      throw new TypeError('fetch failed');
    };

    const error = await failureOf(ordering({ fetch, signal: call.signal }).complete(open));

    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ message: expect.stringContaining('the call was cancelled') });
  });

  test('hide no other failure', async () => {
    const error = await failureOf(ordering({ fetch: offering('mars'), authorization: '' }).complete(order));

    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ message: expect.stringContaining('X-IONOS-Token') });
  });

  test('are named, but never more than a sentence can bear', async () => {
    const many = Array.from({ length: 99 }, (_, n) => `${'x'.repeat(62)}${n}`);
    const wanted = { ...order, backupLocation: 'y'.repeat(5_000) };

    const { message } = Object(await failureOf(ordering({ fetch: offering(...many) }).complete(wanted)));

    expect(message).toContain(`backupLocation ("${'y'.repeat(100)}…"): this region offers "${'x'.repeat(60)}…", `);
    expect(message).toMatch(/ and 79 more$/);
    expect(message.length).toBeLessThan(2_000);
  });
});
