/** Constant tensors, read from and written to TensorProto. */
import { TributaryError } from '../../core/errors.ts';
import { elementCount } from '../layout.ts';
import type { TensorProto } from './proto.ts';

/** TensorProto.DataType */
export const dataType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type TensorType = keyof typeof dataType;

/** The sizes of a tensor, outermost first. */
export type Shape = readonly number[];

/** Row-major; int64 values are held as numbers, which are exact below 2^53. */
export interface ConstantTensor {
  type: TensorType;
  shape: Shape;
  data: Float32Array | Float64Array;
}

export function floatTensor(shape: Shape, data: ArrayLike<number>): ConstantTensor {
  return { type: 'float32', shape, data: Float32Array.from(data) };
}

export function integerTensor(shape: Shape, data: readonly number[]): ConstantTensor {
  return { type: 'int64', shape, data: Float64Array.from(data) };
}

export function writeTensor(name: string, tensor: ConstantTensor): TensorProto {
  const rawData = new Uint8Array(
    tensor.type === 'int64' ? BigInt64Array.from(tensor.data, toInt64).buffer : typed(tensor).slice().buffer,
  );
  return { name, dims: [...tensor.shape], dataType: dataType[tensor.type], rawData };
}

/** Exporters write the largest int64 for "to the end"; as a number it is 2^63. */
function toInt64(value: number): bigint {
  return value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value);
}

function typed({ type, data }: ConstantTensor): Float32Array | Float64Array | Int32Array | Uint8Array {
  if (type === 'int32') return Int32Array.from(data);
  if (type === 'bool' || type === 'uint8') return Uint8Array.from(data);
  return data;
}

/** What a tensor of one of the other types is, and what to do. */
function foreignType(code: number | undefined): string {
  switch (code) {
    case 10:
      return 'is of type float16: export the model in float32 (in PyTorch, call model.float() first)';
    case 16:
      return 'is of type bfloat16: export the model in float32 (in PyTorch, call model.float() first)';
    case 8:
      return 'holds texts, which no model can learn: turn them into numbers before the model';
    case 3:
    case 4:
    case 5:
      return 'holds numbers of 8 or 16 bits, as a quantised model does: export the model before it is quantised';
    default:
      return `is of a type that cannot be trained (TensorProto.DataType ${code}): export the model in float32`;
  }
}

/** Errors: MODEL_INVALID for types other than those above, for external data and for a wrong number of elements. */
export function readTensor(proto: TensorProto): ConstantTensor {
  const name = proto.name ?? '';
  const type = (Object.keys(dataType) as TensorType[]).find((key) => dataType[key] === proto.dataType);
  if (type === undefined) {
    throw new TributaryError('MODEL_INVALID', `Tensor "${name}" ${foreignType(proto.dataType)}.`);
  }
  if (proto.dataLocation === 1) {
    throw new TributaryError(
      'MODEL_INVALID',
      `Tensor "${name}" is kept in a file of its own: put that file beside the model, or save the model with its weights inside.`,
    );
  }
  const shape = proto.dims ?? [];
  const data = type === 'float32' ? Float32Array.from(values(proto, type)) : Float64Array.from(values(proto, type));
  if (data.length !== elementCount(shape)) {
    throw new TributaryError('MODEL_INVALID', `Tensor "${name}" of shape [${shape}] holds ${data.length} values.`);
  }
  return { type, shape, data };
}

function values(proto: TensorProto, type: TensorType): ArrayLike<number> {
  if (proto.rawData === undefined || proto.rawData.length === 0) {
    const lists = { float32: proto.floatData, float64: proto.doubleData, int64: proto.int64Data };
    return (type in lists ? lists[type as keyof typeof lists] : proto.int32Data) ?? [];
  }
  const { buffer } = new Uint8Array(proto.rawData); // a copy, aligned: a slice of a Buffer would share its pool
  if (type === 'float32') return new Float32Array(buffer);
  if (type === 'float64') return new Float64Array(buffer);
  if (type === 'int64') return Float64Array.from(new BigInt64Array(buffer), Number);
  return type === 'int32' ? new Int32Array(buffer) : new Uint8Array(buffer);
}
