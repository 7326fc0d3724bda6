import type { Complete } from '../tools/completions.ts';
import type { Context } from '../tools/tool.ts';

interface Listed {
  uri: string;
  name: string;
  title?: string;
}

export interface Resource {
  name: string;
  uri: string;
  title: string;
  description: string;
  mimeType: 'application/json';
  /** How long a client may cache the content, in milliseconds. */
  ttlMs: number;
  /** `variables` are unchecked, as the client sent them. */
  read(variables: Record<string, string>, context: Context): Promise<unknown>;
  list?(context: Context): Promise<Listed[]>;
  complete?: Record<string, Complete>;
}
