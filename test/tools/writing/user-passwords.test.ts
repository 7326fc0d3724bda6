import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ORDERS } from '../../helpers/backups.ts';
import { connect, errorOf, type World } from '../../helpers/connect.ts';
import { failWrites } from '../../helpers/faults.ts';
import { host } from '../../helpers/in-process-host.ts';
import { factsOf } from '../../helpers/plans.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writtenIn } from '../../helpers/written.ts';

const app = { clusterId: ORDERS, username: 'app' };
const reporting = { clusterId: ORDERS, username: 'reporting' };

describe('a password that the server makes for a user', () => {
  /** A world whose server keeps new passwords in a folder, and what is in the files there. */
  async function keeping(world: World = {}) {
    const folder = temporaryFolder('passwords');
    const credentialsDir = path.join(folder, 'credentials');
    const files = () => (existsSync(credentialsDir) ? readdirSync(credentialsDir) : []);
    const kept = () => {
      const [name = '', ...others] = files();
      expect(others).toEqual([]);
      const place = path.join(credentialsDir, name);
      return { place, mode: statSync(place).mode & 0o777, ...JSON.parse(readFileSync(place, 'utf8')) };
    };
    return { credentialsDir, files, kept, ...(await connect({ credentialsDir, ...world })) };
  }

  test.each([
    ['create_user', app],
    ['update_user', reporting],
  ])('by %s goes to the API and into a file for its user alone, and nowhere else', async (tool, args) => {
    const { call, kept, sent, log } = await keeping();

    const result = await call(tool, args);

    const { place, mode, password, ...details } = kept();
    expect(details).toEqual(args);
    expect(mode).toBe(0o600);
    expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(sent()[0]?.body).toMatchObject({ properties: { password } });
    expect(writtenIn(result).note).toContain(`The password of ${args.username} is in ${place}.`);
    expect(JSON.stringify([result, log])).not.toContain(password);
  });

  test('is thrown away where the API refuses it, and never made for a preview', async () => {
    const { call, credentialsDir, files, sandbox } = await keeping();

    const { newPassword } = await factsOf('new-user', 'create_user', app, { ...sandbox, credentialsDir });
    expect(newPassword).toEqual({ folder: credentialsDir });
    expect(writtenIn(await call('create_user', { ...app, dryRun: true })).outcome).toBe('preview');
    expect(files()).toEqual([]);
    failWrites(sandbox, { kind: 422 });
    expect(errorOf(await call('create_user', app))).toMatch(/422/);
    expect(files()).toEqual([]);
  });

  test.each(['lost', 'drop', 500] as const)(
    'stays where the answer is lost (%s), and the error says where',
    async (kind) => {
      const { call, kept, sandbox } = await keeping();
      failWrites(sandbox, { kind });

      const text = errorOf(await call('create_user', app));

      expect(text).toContain(`The password of app is in ${kept().place}.`);
      expect(text).not.toContain(kept().password);
    },
  );

  test.each(['modern', 'legacy', 'sse'] as const)('is none over HTTP (%s)', async (kind) => {
    const world = await host();
    const client = await world[kind]();

    for (const [name, args] of [
      ['create_user', app],
      ['update_user', reporting],
    ] as const) {
      const { isError, content } = await client.callTool({ name, arguments: args });
      expect([isError, JSON.stringify(content)]).toEqual([
        true,
        expect.stringContaining('Over HTTP this server generates none'),
      ]);
    }
    expect(world.sent()).toEqual([]);
  });
});

test('a password of the operator that is longer than the API takes is refused before anything is sent', async () => {
  const { call, sent } = await connect({ passwords: { APP_PW: 'x'.repeat(64) } });

  for (const [tool, user] of [['create_user', app] as const, ['update_user', reporting] as const]) {
    const text = errorOf(await call(tool, { ...user, passwordEnv: 'APP_PW' }));
    expect(text).toContain('passwordEnv (APP_PW): its password must have at most 63 characters');
  }
  expect(sent()).toEqual([]);
});
