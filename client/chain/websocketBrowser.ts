/** The platform's own. */
export const { WebSocket } = globalThis;
