import { expect, test } from 'vitest';
import { checkIssuer, type IssuerReport } from '../../../src/auth/issuer/check.ts';
import { createDiscovery } from '../../../src/auth/issuer/discovery.ts';
import { hurried } from '../../helpers/fake-clock.ts';

const ISSUER = 'https://login.example.com';
const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`;
const PLAIN = {
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/keys`,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
};
const COMPLETE = {
  ...PLAIN,
  registration_endpoint: `${ISSUER}/register`,
  client_id_metadata_document_supported: true,
};

/** What is reported of an authorization server that gives these answers in turn, then the last one for ever. */
function world(answers: (object | undefined)[]) {
  const reports: IssuerReport[] = [];
  const asked: number[] = [];
  const stop = new AbortController();
  const discovery = createDiscovery(ISSUER, async (url) => {
    if (url !== OAUTH) return new Response('', { status: 404 });
    asked.push(Date.now());
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer === undefined ? Promise.reject(new TypeError('fetch failed')) : Response.json(answer);
  });
  const check = ({ hasKeysUrl = false, onReport = () => {} } = {}) =>
    checkIssuer(
      discovery,
      { scopes: ['clusters:read'], hasKeysUrl },
      {
        report: (report) => {
          reports.push(report);
          onReport();
        },
        stop: stop.signal,
      },
    );
  return { reports, asked, stop, discovery, check };
}

test('what clients will miss is reported once', async () => {
  const { check, reports } = world([PLAIN]);
  await check();
  expect(reports).toEqual([
    {
      issuer: ISSUER,
      metadata: OAUTH,
      problem: expect.stringMatching(/^The metadata .* has neither .* in each MCP client$/),
    },
  ]);
});

test('of one that lacks nothing no problem is reported', async () => {
  const { check, reports } = world([COMPLETE]);
  await check();
  expect(reports).toEqual([{ issuer: ISSUER, metadata: OAUTH, problem: undefined }]);
});

test('one that is away is reported once, tried again with growing pauses, and checked once it is back', async () => {
  const { check, reports, asked } = world([undefined, undefined, undefined, PLAIN]);
  await hurried(() => check());
  expect(reports).toEqual([
    {
      issuer: ISSUER,
      metadata: undefined,
      problem: expect.stringMatching(/cannot find out where to sign in; until then no token can be verified either: /),
    },
    { issuer: ISSUER, metadata: OAUTH, problem: expect.stringContaining('neither client_id_metadata') },
  ]);
  const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(pauses).toEqual([10_000, 20_000, 40_000]);
});

test('with keys of their own tokens are said to be verified even so', async () => {
  const { check, reports, stop } = world([undefined]);
  await check({ hasKeysUrl: true, onReport: () => stop.abort() });
  expect(reports).toMatchObject([
    { problem: expect.stringContaining('until then tokens are verified with the keys of --oauth-jwks-url: ') },
  ]);
});

test('an answer that a caller led to counts at once, and no second time', async () => {
  const { check, reports, discovery } = world([undefined, COMPLETE]);
  await hurried(async () => {
    const checked = check();
    await expect(discovery.read()).rejects.toThrow();
    await discovery.read();
    await Promise.resolve();
    expect(reports).toHaveLength(2);
    await checked;
  });
  expect(reports.map(({ metadata }) => metadata)).toEqual([undefined, OAUTH]);
});

test('it ends when the server does', async () => {
  const { check, stop, asked } = world([undefined]);
  const checked = check({ onReport: () => stop.abort() });
  await checked;
  expect(asked).toHaveLength(1);
});
