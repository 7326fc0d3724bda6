/** What tools are about, so that an operator can leave out what nobody needs. */
export const TOOLSETS = ['clusters', 'backups', 'users', 'databases', 'logs', 'networks'] as const;
export type Toolset = (typeof TOOLSETS)[number];
