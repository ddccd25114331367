/** As a page has it: Node.js has one of its own from version 22 on. */
import { WebSocket as WebSocketOfPackage } from 'ws';

export const WebSocket: typeof globalThis.WebSocket =
  globalThis.WebSocket ?? (WebSocketOfPackage as unknown as typeof globalThis.WebSocket);
