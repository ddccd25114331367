/** Loaded into every process that `start` launches, before anything else: when its parent is gone, it goes too. */
import { isMainThread } from 'node:worker_threads';

/** Time to close files and sockets. */
const graceMs = 5000;

if (isMainThread && process.channel) {
  process.on('disconnect', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(130), graceMs).unref();
  });
  process.channel.unref();
}
