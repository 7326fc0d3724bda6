import { connect, type OnQuestion, type World } from './connect.ts';
import { host } from './in-process-host.ts';

export type Settings = Pick<World, 'confirm' | 'confirmAbove' | 'requireHuman' | 'signingKey'>;
export type Way = 'modern over stdio' | '2025 over stdio' | 'modern over HTTP' | 'SSE' | '2025 over HTTP';

export interface Written {
  outcome?: string;
  confirmationToken?: string;
  plan?: { summary: string; effects: string[]; changes?: object[] };
  note?: string;
  cluster?: { id: string };
}

/** The server, and a client that reaches it this way; with `onQuestion` the client declares that it can ask. */
export async function world(way: Way, settings: Settings = {}, onQuestion?: OnQuestion) {
  const confirm = settings.confirm ?? 'destructive';
  if (way === 'modern over stdio' || way === '2025 over stdio') {
    return connect({ ...settings, confirm, era: way === '2025 over stdio' ? '2025' : '2026', onQuestion });
  }
  const hosted = await host({ ...settings, confirm });
  const kinds = { 'modern over HTTP': hosted.modern, SSE: hosted.sse, '2025 over HTTP': hosted.legacy };
  const client = await kinds[way]({}, onQuestion);
  const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args });
  return { ...hosted, client, call: call as Awaited<ReturnType<typeof connect>>['call'] };
}

export const writtenIn = ({ structuredContent }: { structuredContent?: unknown }): Written => Object(structuredContent);

export const ASKABLE = ['modern over stdio', '2025 over stdio', 'modern over HTTP', 'SSE'] as const;
