/** The longest that one request to the API takes, in milliseconds; what follows must leave room for it. */
export const ATTEMPT_MS = 20_000;
/** What a call must have left when it sends a write. */
export const WRITE_MS = ATTEMPT_MS + 2_000;
/** What it must have left when it begins to wait for its turn. */
export const TURN_MS = WRITE_MS + 3_000;
/** For how long others keep away from what a write that was begun is about. */
export const SENDING_MS = ATTEMPT_MS + 5_000;
