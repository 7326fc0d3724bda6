import type { Complete } from '../tools/completions.ts';
import type { Context } from '../tools/tool.ts';

interface Listed {
  uri: string;
  name: string;
  title?: string;
}

/** Something that a client can read by its URI. It knows nothing of MCP; server.ts makes it a server's resource. */
export interface Resource {
  name: string;
  /** A URI, or a template with `{variables}`. */
  uri: string;
  title: string;
  description: string;
  mimeType: 'application/json';
  /** Milliseconds for which a client may keep what it read. */
  ttlMs: number;
  /** Plain data; variables arrive as the client wrote them, so `read` checks them. */
  read(variables: Record<string, string>, context: Context): Promise<unknown>;
  /** What exists of a template now. */
  list?(context: Context): Promise<Listed[]>;
  /** For each variable of a template, the values that begin like the one typed so far. */
  complete?: Record<string, Complete>;
}
