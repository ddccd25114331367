/** `tributary/storage`: content-addressed blobs, whatever holds them. Helia's packages are installed by who wants them. */
export { buildDag, type Dag } from './dag.ts';
export { fetchByDigest } from './digest.ts';
export { openKeptFiles } from './durable.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded.ts';
export { type GatewayStoreOptions, openGatewayStore } from './gateway.ts';
export { type HeliaStoreOptions, openHeliaStore } from './helia.ts';
export { type KeptFiles, keepInMemory } from './keptFiles.ts';
export { connectKuboStore, type KuboStoreOptions } from './kubo.ts';
export type { BlobStore, GetOptions, PutOptions } from './store.ts';
