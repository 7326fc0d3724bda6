import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client, ElicitResult } from '@modelcontextprotocol/client';
import { expect } from 'vitest';
import type { Fault } from '../../../src/sandbox/index.ts';
import { API_URL } from '../account.ts';
import { connect, type OnQuestion, TOKEN } from '../connect.ts';
import { outputChecks } from '../outputs.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { Clock } from './clock.ts';
import { createLedger } from './ledger.ts';
import {
  backupRow,
  byName,
  clusterRow,
  createAccount,
  databaseRow,
  isListed,
  type Properties,
  userRow,
} from './model.ts';
import { policyOf, pricesOf, type Settings } from './settings.ts';
import { judges, NAMED_PASSWORDS } from './verdicts.ts';

/** When the sandbox is made, with its examples; the walk begins a second later. */
export const START = Date.parse('2026-06-01T00:00:00Z');
const UNKNOWN_FAILURE = 'Unexpected server error';

export interface Way {
  era: '2025' | '2026';
  /** Whether the client puts questions before a person; if not, it hands tokens on. */
  asks: boolean;
  /** How many servers take the calls in turn. */
  replicas?: number;
}

type Fields = Record<string, unknown>;
export type Rows = Record<string, Fields[]>;
type Result = Awaited<ReturnType<Client['callTool']>>;

export type World = Awaited<ReturnType<typeof startWorld>>;

let checks: ReturnType<typeof outputChecks> | undefined;

/** After this a yes counts no longer, and a bit. */
const YES_COUNTS_MS = 601_000;

/** A client, the server and the sandbox on one clock, with the model of what they hold. */
export async function startWorld({ era, asks, replicas }: Way, settings: Settings, clock: Clock) {
  const folder = temporaryFolder('walk');
  const questions: string[] = [];
  let person: () => ElicitResult | Promise<ElicitResult> = () => ({ action: 'cancel' });
  /** What somebody said yes to, in the present call. */
  let agreed: string | undefined;
  const onQuestion: OnQuestion = async ({ message }) => {
    questions.push(message);
    const asked = Date.now();
    const answer = await person();
    const isYes = answer.action === 'accept' && answer.content?.confirm !== false;
    if (isYes && Date.now() - asked < YES_COUNTS_MS) agreed = message;
    return answer;
  };
  const { client, sandbox, requests, log, ...rest } = await connect({
    era,
    replicas,
    confirm: settings.confirm,
    confirmAbove: settings.confirmAbove,
    policy: policyOf(settings),
    prices: pricesOf(settings),
    credentialsDir: folder,
    passwords: NAMED_PASSWORDS,
    onQuestion: asks ? onQuestion : undefined,
  });
  checks ??= outputChecks(client);
  const check = await checks;

  const account = createAccount(settings.lagMs);
  /** All that were ever given or made, with the other secrets. */
  const secrets = new Set([TOKEN, ...Object.values(NAMED_PASSWORDS)]);
  /** Those of them that the server made and has to keep. */
  const kept = new Set<string>();
  /** Plans that came with a token, by that. */
  const plans = new Map<unknown, { words: string; at: number }>();
  let fault: { kind: Fault['kind']; onWrite: boolean } | undefined;
  /** The model knows nothing of places, so writes go on unchecked. */
  let showsNetworks = false;
  /** What it expects of a write is by what lists show late. */
  let isLate = false;
  let inFlight = 0;
  let writtenAt = START;
  let sentAt: number | undefined;
  let addresses = 0;

  const answer = sandbox.fetch;
  const ledger = createLedger(answer, settings);

  async function passOn(request: Request): Promise<Response> {
    const isWrite = request.method !== 'GET';
    if (isWrite) {
      sentAt ??= Date.now();
      writtenAt = Date.now();
    }
    if (fault?.onWrite === isWrite) {
      sandbox.failNext({ kind: fault.kind });
      fault = undefined;
    }
    if (isWrite) {
      const [, changed] = /\/clusters\/([\da-f-]+)$/.exec(request.url) ?? [];
      return answer(request).finally(() => ledger.note('the server', { changed }));
    }
    const isList = isLate && new URL(request.url).pathname.endsWith('/postgresql/clusters');
    const response = await answer(request);
    return isList && response.ok ? ledger.delay(response) : response;
  }

  sandbox.fetch = async (request) => {
    const isHidden =
      (!showsNetworks && request.url.includes('/cloudapi/')) || /\/billing\/.*\/products/.test(request.url);
    if (isHidden) return Response.json({ messages: [] }, { status: 403 });
    inFlight += 1;
    return passOn(request).finally(() => {
      inFlight -= 1;
    });
  };

  /** What somebody else sends. */
  async function outside(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { authorization: 'Bearer somebody', 'content-type': 'application/json' };
    const init = { method, headers, body: body && JSON.stringify(body) };
    const response = await answer(new Request(API_URL + path, init));
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    await ledger.note('somebody');
    return text === '' ? undefined : JSON.parse(text);
  }

  function expectNoSecret(...told: unknown[]): void {
    const text = JSON.stringify(told);
    for (const secret of secrets) {
      const once = JSON.stringify(secret).slice(1, -1);
      const twice = JSON.stringify(once).slice(1, -1);
      for (const form of [secret, once, twice, encodeURIComponent(secret)]) {
        if (text.includes(form)) throw new Error(`The secret ${secret} is told: ${text}`);
      }
    }
  }

  /** Does this with the client, and tells what it led to; whatever happens, no secret shows and no line is missing. */
  async function observe<T>(work: () => Promise<T>) {
    for (const list of [log, requests, questions]) list.length = 0;
    const startedAt = Date.now();
    const done = await clock.through(work(), () => inFlight > 0);
    const writes = requests.filter(({ method }) => method !== 'GET');
    for (const { body } of writes) for (const password of passwordsIn(body)) secrets.add(password);
    const sent = requests.map(({ path, body }) => [path, withoutPasswords(body)]);
    expectNoSecret(done, log, questions, sent, readdirSync(folder));
    const lines = log.filter(({ msg }) => msg === 'call');
    expect(log, 'lines that are none of calls').toEqual(lines);
    return { done, lines, writes, questions: [...questions], startedAt };
  }

  async function call(tool: string, args: Fields) {
    for (const password of passwordsIn({ properties: args })) secrets.add(password);
    showsNetworks = tool === 'list_network_options';
    isLate = Object.hasOwn(judges, tool);
    const plan = plans.get(args.confirmationToken);
    agreed = plan && Date.now() - plan.at < YES_COUNTS_MS ? plan.words : undefined;
    sentAt = undefined;
    ledger.begin();
    const { done: result, ...seen } = await observe(() => rest.call(tool, args));
    ledger.end(agreed);
    // A yes is good for one write.
    if (seen.writes.length > 0) plans.delete(args.confirmationToken);
    isLate = false;
    if (!result.isError) check(tool, result);
    const data = dataIn(result);
    if (data?.confirmationToken) plans.set(data.confirmationToken, { words: wordsOf(data.plan), at: Date.now() });
    return {
      ...seen,
      result,
      text: textOf(result),
      data,
      outcomes: seen.lines.map(({ outcome }) => outcome),
    };
  }

  async function read(tool: string, args: Fields) {
    const seen = await call(tool, args);
    expect(seen.writes).toEqual([]);
    expect(seen.lines).toMatchObject([{ tool, outcome: seen.result.isError ? 'failed' : 'done' }]);
    expect(seen.lines[0]).not.toHaveProperty('audit');
    return seen;
  }

  /** All rows of a list, page by page. */
  async function list(tool: string, args: Fields, rows: string): Promise<Fields[]> {
    const all: Fields[] = [];
    for (let offset: unknown = 0; offset !== undefined; ) {
      const { data, text } = await read(tool, { ...args, offset });
      if (!data) throw new Error(text);
      all.push(...((data as Rows)[rows] ?? []));
      offset = data.nextOffset;
    }
    return all;
  }

  /** What the server lists is what the model holds: all of it, or of what is in clusters only what is in one. */
  async function compare(inside?: string): Promise<void> {
    const now = Date.now();
    const clusters = await list('list_clusters', { detail: 'full' }, 'clusters');
    expect(clusters.map(withoutMakers)).toEqual(account.present(now).map((cluster) => clusterRow(cluster, now)));
    const backups = account.backups.filter((backup) => isListed(backup, now));
    const listed = await list('list_backups', {}, 'backups');
    expect(listed).toEqual(backups.map((backup) => backupRow(backup, account.backups, now)));
    for (const [n, backup] of backups.entries()) backup.id ??= String(listed[n]?.id);
    for (const cluster of account.present(now)) {
      if (inside !== undefined && cluster.id !== inside) continue;
      const { users, databases } = account.content(cluster);
      const at = { clusterId: cluster.id };
      const listedUsers = await list('list_users', at, 'users');
      expect(listedUsers.map(withoutMakers)).toEqual(byName(users).map(userRow));
      const listedDatabases = await list('list_databases', at, 'databases');
      expect(listedDatabases.map(withoutMakers)).toEqual(byName(databases).map(databaseRow));
    }
    const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')).password);
    expect(new Set(files)).toEqual(kept);
    expect(files).toHaveLength(kept.size);
    expect(Date.now()).toBe(now);
  }

  /** The example clusters, as they are found. */
  async function adoptExamples(): Promise<void> {
    const time = (text: unknown) => Date.parse(String(text));
    for (const row of await list('list_clusters', { detail: 'full' }, 'clusters')) {
      const { id, state: _, createdDate, lastModifiedDate, dnsName: __, ...shown } = withoutMakers(row);
      const { time: begin, ...day } = Object(shown.maintenanceWindow);
      const properties = { ...shown, maintenanceWindow: { ...day, time: String(begin).replace(' UTC', '') } };
      const at = { clusterId: id };
      const users = (await list('list_users', at, 'users')).map(({ username, createdDate }) => ({
        name: String(username),
        createdAt: time(createdDate),
      }));
      const databases = (await list('list_databases', at, 'databases')).map(({ name, owner, createdDate }) => ({
        name: String(name),
        owner: String(owner),
        createdAt: time(createdDate),
      }));
      const modifiedAt = lastModifiedDate === undefined ? undefined : time(lastModifiedDate);
      account.adopt(String(id), properties as Fields & Properties, time(createdDate), { users, databases }, modifiedAt);
    }
  }

  await ledger.note('somebody', { at: 0 });
  await adoptExamples();
  clock.pass(1_000);
  return {
    way: { era, asks },
    settings,
    account,
    outside,
    ordered: ledger.ordered,
    kept,
    client,
    call,
    read,
    list,
    observe,
    compare,
    pass: clock.pass,
    nextCidr() {
      addresses += 1;
      return `10.9.${addresses >> 8}.${addresses & 255}/24`;
    },
    /** When the last request that writes arrived. */
    writtenAt: () => writtenAt,
    /** When the first one of the last call did. */
    sentAt: () => sentAt ?? writtenAt,
    /** What the person answers from now on. */
    answer: (next: () => ElicitResult | Promise<ElicitResult>) => {
      person = next;
    },
    /** The next request of this kind fails like this. */
    strike: (kind: Fault['kind'] | undefined, onWrite: boolean) => {
      fault = kind === undefined ? undefined : { kind, onWrite };
    },
  };
}

/** The passwords in the body of a request. */
export function passwordsIn(body: unknown): string[] {
  const { password, credentials } = Object(Object(body).properties);
  return [password, Object(credentials).password].filter((value) => typeof value === 'string');
}

const withoutPasswords = (body: unknown) =>
  JSON.stringify(body, (key, value) => (key === 'password' ? undefined : value));

function dataIn({ structuredContent }: Result): Fields | undefined {
  return structuredContent === undefined ? undefined : JSON.parse(JSON.stringify(structuredContent));
}

function wordsOf(plan: unknown): string {
  const { summary, effects } = Object(plan);
  return [summary, ...effects].join('\n');
}

function textOf({ content }: Result): string {
  const [first] = content;
  const text = first?.type === 'text' ? first.text : '';
  expect(text).not.toContain(UNKNOWN_FAILURE);
  return text;
}

export function withoutMakers({ createdBy: _, lastModifiedBy: __, ...row }: Fields): Fields {
  return row;
}
