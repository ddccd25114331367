/** What a request for blocks is answered by: one raw block, or all of a blob in a CAR (https://specs.ipfs.tech/http-gateways/trustless-gateway/). */
import { CID } from 'multiformats/cid';
import { dagPbCode, rawCode } from '../core/cid.ts';
import type { Answer } from './answer.ts';
import { carType } from './car.ts';
import { carOf } from './carWriter.ts';
import { type Block, decodeRoot } from './dag.ts';
import { rawBlockType } from './peer.ts';

type ReadBlock = (cid: CID) => Promise<Uint8Array | undefined>;
type Headers = Readonly<Record<string, unknown>> & {
  accept?: string | undefined;
  'if-none-match'?: string | undefined;
};

const maxCidCharacters = 128;
const identityCode = 0;
const formats = { raw: rawBlockType, car: carType } as const;
type Format = keyof typeof formats;

export function parseCid(name: string): CID | undefined {
  if (name.length > maxCidCharacters) return undefined;
  try {
    return CID.parse(name);
  } catch {
    return undefined;
  }
}

export async function answerWithBlocks(
  cid: CID,
  query: URLSearchParams,
  headers: Headers,
  readBlock: ReadBlock,
): Promise<Answer> {
  const format = askedFormat(query, headers.accept);
  if (format === undefined) {
    return {
      status: 406,
      body: `Served are ${rawBlockType} and ${carType}, version 1: add ?format=raw or ?format=car.`,
    };
  }
  const scope = query.get('dag-scope') ?? 'all';
  if (!['block', 'entity', 'all'].includes(scope)) return { status: 400, body: 'A dag-scope is block, entity or all.' };
  // An identity CID carries its bytes; clients probe gateways with bafkqaaa.
  const block = cid.multihash.code === identityCode ? cid.multihash.digest : await readBlock(cid);
  if (block === undefined) {
    return { status: 404, headers: { 'cache-control': 'no-store' }, body: 'This node does not have the block.' };
  }
  const etag = format === 'raw' ? `"${cid}.raw"` : `W/"${cid}.car.${scope === 'block' ? 'block' : 'all'}"`;
  const type = format === 'raw' ? rawBlockType : `${carType}; version=1; order=dfs; dups=y`;
  const described = {
    'content-type': type,
    'content-disposition': `attachment; filename="${cid}.${format === 'raw' ? 'bin' : 'car'}"`,
    'cache-control': 'public, max-age=29030400, immutable',
    etag,
    'x-ipfs-path': `/ipfs/${cid}`,
    'x-ipfs-roots': cid.toString(),
    vary: 'Accept',
  };
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  const isKnown = headers['if-none-match']?.split(',').some((tag) => strong(tag) === strong(etag));
  if (isKnown) return { status: 304, headers: { etag } };
  const body = format === 'raw' ? block : carOf(cid, blocksOf({ cid, bytes: block }, scope, readBlock));
  return { status: 200, headers: described, body };
}

/** Depth first, which is the root and then its leaves in order, each as often as it stands there. Throws where one is missing. */
async function* blocksOf(root: Block, scope: string, readBlock: ReadBlock): AsyncGenerator<Block> {
  yield root;
  if (scope === 'block' || root.cid.code !== dagPbCode) return;
  for (const cid of decodeRoot(root.bytes)?.leaves ?? []) {
    const bytes = await readBlock(CID.createV1(rawCode, cid.multihash));
    if (bytes === undefined) throw new Error(`the block ${cid} is missing`);
    yield { cid, bytes };
  }
}

/** The query parameter has precedence over the header (section 2.1 of the specification). */
function askedFormat(query: URLSearchParams, accept = ''): Format | undefined {
  const named = query.get('format');
  if (named !== null) {
    const isOffered = named === 'raw' || (named === 'car' && (query.get('car-version') ?? '1') === '1');
    return isOffered ? (named as Format) : undefined;
  }
  for (const range of accept.split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type === formats.raw) return 'raw';
    if (type === formats.car && !parameters.some((text) => /^version=(?!"?1"?$)/.test(text))) return 'car';
  }
  return undefined;
}
