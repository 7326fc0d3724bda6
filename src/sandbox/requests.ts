import type { Context } from 'hono';
import { refuse } from './errors.ts';

export function hasCredential({ headers }: Request): boolean {
  const [, scheme, credential = ''] = /^(basic|bearer) +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  return scheme?.toLowerCase() === 'bearer' || /^[^:]+:./s.test(fromBase64(credential));
}

function fromBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}

export async function readJson(c: Context): Promise<unknown> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') refuse(415, 'the Content-Type must be application/json');
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    return refuse(400, 'the body is not JSON');
  }
}
