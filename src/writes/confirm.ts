/** Which writes a person has to agree to: `costly` are those of `destructive`, and whatever raises what is paid. */
export const CONFIRMS = ['never', 'destructive', 'costly', 'writes'] as const;
export type Confirm = (typeof CONFIRMS)[number];
