/**
 * `tributary/storage`: content-addressed blobs, whatever holds them. Helia's packages are installed by who wants them.
 * @module
 */
export { type Block, buildDag, type Dag } from './dag.ts';
export { type FetchedBlob, fetchByDigest } from './digest.ts';
export { type KeptFilesOptions, openKeptFiles } from './durable.ts';
export { type EmbeddedStoreOptions, openEmbeddedStore } from './embedded.ts';
export { type GatewayStoreOptions, openGatewayStore } from './gateway.ts';
export { type HeliaStoreOptions, openHeliaStore } from './helia.ts';
export { type Damage, type KeptFiles, keepInMemory } from './keptFiles.ts';
export { connectKuboStore, type KuboStoreOptions } from './kubo.ts';
export type { ListenOptions } from './server.ts';
export type { BlobStore, GetOptions, PutOptions } from './store.ts';
export type { UploadOptions, UploadRequest } from './upload.ts';
