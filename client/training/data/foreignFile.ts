/** What a file is that is no picture which can be read here, and what to do with it. */
import { open } from 'node:fs/promises';

const save = 'save it as PNG, TIFF or JPEG';
const kinds: { what: string; endings: RegExp; starts?: { at: number; text: string }; advice: string }[] = [
  { what: 'a BMP picture', endings: /\.(bmp|dib)$/i, starts: { at: 0, text: 'BM' }, advice: save },
  {
    what: 'a DICOM file',
    endings: /\.(dcm|dicom)$/i,
    starts: { at: 128, text: 'DICM' },
    advice: 'save its picture as 16-bit PNG or TIFF and give the task its `valueRange`',
  },
  { what: 'a NIfTI volume', endings: /\.(nii|nii\.gz|hdr)$/i, advice: 'save its slices as TIFF' },
  {
    what: 'a NumPy array',
    endings: /\.np[yz]$/i,
    starts: { at: 0, text: '\x93NUMPY' },
    advice: 'give arrays by themselves, as `npy:<features>,<labels>`',
  },
  { what: 'a HEIC picture', endings: /\.hei[cf]$/i, starts: { at: 4, text: 'ftyphei' }, advice: save },
  { what: 'a JPEG 2000 picture', endings: /\.(jp2|j2k|jpx)$/i, advice: save },
  { what: 'a raw photograph', endings: /\.(nef|cr2|cr3|arw|dng|orf|rw2)$/i, advice: save },
  { what: 'a drawing', endings: /\.svgz?$/i, starts: { at: 0, text: '<svg' }, advice: save },
  { what: 'a PDF document', endings: /\.pdf$/i, starts: { at: 0, text: '%PDF' }, advice: save },
  { what: 'a film', endings: /\.(mp4|mov|avi|mkv|webm)$/i, advice: 'save its frames as PNG' },
  {
    what: 'an archive',
    endings: /\.(zip|gz|tgz|tar|7z|rar)$/i,
    starts: { at: 0, text: 'PK\x03\x04' },
    advice: 'unpack it',
  },
  {
    what: 'a text',
    endings: /\.(txt|csv|tsv|json|xml|ya?ml|md|html?)$/i,
    advice: 'move it out of the pictures’ folders',
  },
];

/** A sentence of the same kind for every file of the kind. */
export async function reasonOfForeignFile(path: string): Promise<string> {
  const start = await firstBytes(path);
  if (start === undefined) return 'it cannot be opened: check the link and the permissions';
  if (start === '') return 'it is empty: replace it';
  const kind =
    kinds.find(({ starts }) => starts !== undefined && start.startsWith(starts.text, starts.at)) ??
    kinds.find(({ endings }) => endings.test(path));
  if (kind !== undefined) return `it is ${kind.what}, which is not read: ${kind.advice}`;
  return `it is no picture that can be read: ${save}, or move it away`;
}

async function firstBytes(path: string): Promise<string | undefined> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
      return buffer.toString('latin1', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
